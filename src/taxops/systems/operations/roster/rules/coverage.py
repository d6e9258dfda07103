"""Whether the contract's hours are covered (覆盖证明): every stretch in which fewer stand at a post than must."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from taxops.engines.base import BadInput
from taxops.engines.worktime import WorkCalendar

from .spans import DAY, Span, local_day, midnight

LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Period:
    """A special period (重要时期), both days included: its hours replace the post's, and perhaps its number."""

    first_on: date
    last_on: date
    calendar: WorkCalendar
    people: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the contract asks of a post (值守要求)."""

    calendar: WorkCalendar
    people: int = 1
    periods: Sequence[Period] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """So many must stand over `[start, end)`."""

    start: int
    end: int
    people: int
    period: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch with too few (缺岗)."""

    start: int
    end: int
    need: int
    have: int
    period: str = ""

    @property
    def seconds(self) -> int:
        """How long."""
        return self.end - self.start

    def joins(self, have: int, need: Need) -> bool:
        """Test whether what follows is the same gap."""
        return (self.have, self.need, self.period) == (have, need.people, need.period)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well a post was or will be covered (覆盖情况)."""

    required_s: int
    covered_s: int
    gaps: Sequence[Gap]

    @property
    def share(self) -> float | None:
        """Covered share of the required time, 0 to 1; None when nothing was required."""
        return self.covered_s / self.required_s if self.required_s else None


def needs(requirement: Requirement, start: int, end: int) -> list[Need]:
    """Return what is required over `[start, end)`; of several periods on a day the longer hours win.

    Raises:
        BadInput: the stretch is longer than 400 days, or a year is not in the legal table.
    """
    if end - start > LONGEST_DAYS * DAY:
        raise BadInput(f"一次最多核对 {LONGEST_DAYS} 天。", "请缩短起止日期。")
    found: list[Need] = []
    day = local_day(start)
    while midnight(day) < end:
        windows, people, name = _of_day(requirement, day)
        for a, b in windows:
            x, y = max(midnight(day) + a, start), min(midnight(day) + b, end)
            if x < y:
                joins = (
                    found and found[-1].end == x and (found[-1].people, found[-1].period) == (people, name)
                )
                begin = found.pop().start if joins else x
                found.append(Need(begin, y, people, name))
        day += timedelta(days=1)
    return found


def _of_day(requirement: Requirement, day: date) -> tuple[Sequence[tuple[int, int]], int, str]:
    windows: Sequence[tuple[int, int]] = requirement.calendar.windows(day)
    people, name = requirement.people, ""
    for period in requirement.periods:
        if period.first_on <= day <= period.last_on:
            special = period.calendar.windows(day)
            if not name or sum(b - a for a, b in special) > sum(b - a for a, b in windows):
                windows, name = special, period.name
            people = max(people, period.people or 0)
    return windows, people, name


def coverage(spans: Iterable[Span], required: Sequence[Need]) -> Coverage:
    """Return the gaps of one post: a sweep over the points at which somebody comes or goes."""
    own = sorted(spans)
    gaps: list[Gap] = []
    required_s = covered_s = 0
    for need in required:
        required_s += need.end - need.start
        here = [s for s in own if s.start < need.end and s.end > need.start]
        points = sorted({need.start, need.end, *(s.start for s in here), *(s.end for s in here)})
        points = [p for p in points if need.start <= p <= need.end]
        for a, b in pairwise(points):
            have = len({s.person_id for s in here if s.start <= a and s.end >= b})
            if have >= need.people:
                covered_s += b - a
            elif gaps and gaps[-1].end == a and gaps[-1].joins(have, need):
                gaps[-1] = Gap(gaps[-1].start, b, need.people, have, need.period)
            else:
                gaps.append(Gap(a, b, need.people, have, need.period))
    return Coverage(required_s, covered_s, gaps)
