"""What an important period does to a working calendar (重要时期的工作日历): its days take the longer hours.

GX:437: the on-site hours are 7*12, in 重要时期 7*24. A day counts from the day on which the period was entered and
until the day before it was called off, so that what was computed of past days never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from taxops.engines.base import BadInput
from taxops.engines.worktime import WorkCalendar, shipped

LENGTHENED = ("onsite7x12", "office5x8")
"""Calendars of presence; natural time cannot be longer, and whole legal days are the law's (民法典第二百零一条)."""
Windows = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Special:
    """A special period as it was entered (重要时期、征期): days both included, hours by a calendar's name."""

    first_on: date
    last_on: date
    hours: str
    entered_on: date
    cancelled_on: date | None = None

    def days(self) -> list[date]:
        """Return the days on which it counts."""
        first = max(self.first_on, self.entered_on)
        last = self.last_on
        if self.cancelled_on is not None:
            last = min(last, self.cancelled_on - timedelta(days=1))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _seconds(windows: Windows) -> int:
    return sum(end - start for start, end in windows)


def overrides_of(base: WorkCalendar, specials: Iterable[Special]) -> dict[date, Windows]:
    """Return the days of a calendar that change, with their windows; of several hours the longest win.

    A year that a legal table does not know changes nothing here: the calendar itself says so when it is asked.
    """
    found: dict[date, Windows] = {}
    for special in specials:
        for day in special.days():
            try:
                held = found.get(day) or base.windows(day)
                offered = shipped(special.hours).windows(day)
            except BadInput:
                continue
            if _seconds(offered) > _seconds(held):
                found[day] = offered
    return found


def lengthened(name: str, specials: Iterable[Special]) -> WorkCalendar:
    """Return a shipped calendar with special periods laid over it; the shipped one itself when nothing changes.

    Raises:
        NotFound: no calendar of that name.
    """
    base = shipped(name)
    if name not in LENGTHENED:
        return base
    changed = overrides_of(base, specials)
    return _made(name, tuple(sorted((day, tuple(w)) for day, w in changed.items()))) if changed else base


@lru_cache(maxsize=64)
def _made(name: str, changed: tuple[tuple[date, tuple[tuple[int, int], ...]], ...]) -> WorkCalendar:
    """Return the calendar, kept so that its prefix sums are added up once."""
    base = shipped(name)
    overrides: Mapping[date, Windows] = dict(changed)
    return WorkCalendar(name, working=base.working, rest=base.rest, legal=base.legal, overrides=overrides)
