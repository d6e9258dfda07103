"""Pages of templates (监控模板页面): list, content, entry editor, apply, what would change, undo."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import applying, catalogue, entries

PAGES: Sequence[type[Any]] = [*catalogue.PAGES, *entries.PAGES, *applying.PAGES]
MENU = [MenuItem("监控模板", "blueprints", "monitoring.view", "template")]

__all__ = ["MENU", "PAGES"]
