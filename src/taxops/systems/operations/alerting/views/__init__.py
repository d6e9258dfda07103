"""Pages of alerting (告警页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import inbox

PAGES: Sequence[type[Any]] = [*inbox.PAGES]

MENU = [
    MenuItem("告警收件箱", "monitoring-alerts", "monitoring.view", "bell"),
]

__all__ = ["MENU", "PAGES"]
