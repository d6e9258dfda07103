"""Pages of the roster (值班页面): parse, one service call or query, show."""

from collections.abc import Sequence
from typing import Any

from taxops.web.manifest import MenuItem

from . import calendars, changes, covering, duty_slot, handovers, importing, posts, signing, swaps

PAGES: Sequence[type[Any]] = [
    *calendars.PAGES,
    *covering.PAGES,
    *posts.PAGES,
    *changes.PAGES,
    *swaps.PAGES,
    *handovers.PAGES,
    *signing.PAGES,
    *importing.PAGES,
]

MENU = [
    MenuItem("值班表", "roster-calendar", "roster.view", "calendar"),
    MenuItem("缺岗核对", "roster-gaps", "roster.view", "list-check"),
    MenuItem("交接班", "roster-handovers", "roster.view", "arrows-exchange"),
    MenuItem("打卡", "roster-sign", "roster.view", "map-pin"),
    MenuItem("换班", "roster-swaps", "roster.view", "refresh"),
    MenuItem("岗位与轮班", "roster-posts", "roster.view", "users"),
]

_LOADED = duty_slot  # importing it fills the frame's slot

__all__ = ["MENU", "PAGES"]
