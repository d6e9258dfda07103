"""Pages of availability (可用性页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import agreements, exclusions, systems

PAGES: Sequence[type[Any]] = [*systems.PAGES, *exclusions.PAGES, *agreements.PAGES]

MENU = [MenuItem("可用性", "availability", "monitoring.view", "gauge")]

__all__ = ["MENU", "PAGES"]
