"""Slots of the frame (框架插槽) that other rooms fill: unread alerts, who is on duty, lines of the me menu.

A room's pages module fills a slot at import:

    from taxops.web.kit import slots
    slots.unread.fill(lambda scope, now: slots.Badge(queries.unread(scope), "notify-notices"))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from taxops.engines.base import Scope
from taxops.web.manifest import MenuItem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Badge:
    """A count and the page behind it (角标)."""

    count: int
    page: str
    items: Sequence[tuple[str, str, str]] = ()
    """Newest few: `(tone, text, url)`."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty now (当前值班)."""

    name: str
    phone: str = ""
    page: str = ""


class Slot(Generic[T]):
    """A place in the frame that one room fills with a function of scope and now."""

    def __init__(self) -> None:
        self._ask: Callable[[Scope, datetime], T | None] | None = None

    def fill(self, ask: Callable[[Scope, datetime], T | None]) -> None:
        """Let `ask` answer for this slot from now on."""
        self._ask = ask

    def ask(self, scope: Scope, now: datetime) -> T | None:
        """Return what the room answers; None while no room has filled it."""
        return None if self._ask is None else self._ask(scope, now)


unread: Slot[Badge] = Slot()
"""The bell (告警铃)."""

duty: Slot[Duty] = Slot()
"""Who is on duty (值班人)."""

me: list[MenuItem] = []
"""Lines of the me menu (我的), besides theme and log-out; a room appends its own."""
