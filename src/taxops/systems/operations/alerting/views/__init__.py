"""Pages of alerting (告警页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import alert, inbox, inhibitions, routes, silences

PAGES: Sequence[type[Any]] = [*inbox.PAGES, *alert.PAGES, *silences.PAGES, *routes.PAGES, *inhibitions.PAGES]

MENU = [
    MenuItem("告警收件箱", "monitoring-alerts", "monitoring.view", "bell"),
    MenuItem("静默", "alerting-silences", "monitoring.view", "bell-off"),
    MenuItem("告警路由", "alerting-routes", "monitoring.view", "route"),
    MenuItem("抑制规则", "alerting-inhibitions", "monitoring.view", "filter-off"),
]

__all__ = ["MENU", "PAGES"]
