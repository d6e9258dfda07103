"""Pages of intake (接入页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import sources

PAGES: Sequence[type[Any]] = [*sources.PAGES]

MENU = [MenuItem("接入来源", "intake-sources", "monitoring.view", "plug-connected")]

__all__ = ["MENU", "PAGES"]
