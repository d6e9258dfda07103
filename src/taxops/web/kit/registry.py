"""Which pages there are (页面登记): by URL name, filled as their classes are made."""

from __future__ import annotations

from typing import Any

pages: dict[str, type[Any]] = {}
"""URL name → page class. Kept apart from `page`, since the menu needs it and pages need the menu."""
