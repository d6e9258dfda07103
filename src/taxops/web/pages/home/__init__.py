"""The way in (首页): straight to one's own system's first screen, or to a desk of what is mine."""

from __future__ import annotations

from .desk import PAGES as DESK_PAGES

PAGES = [*DESK_PAGES]
