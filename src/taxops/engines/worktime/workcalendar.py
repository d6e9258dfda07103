"""The working calendar (工作日历): prefix sums of open seconds a local day; measure and add in log time.

Instants are whole UTC seconds since 1970. China has kept one offset without daylight saving since 1992, so a
local day is `(t + 28800) // 86400`; that makes the arithmetic exact and fast.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from taxops.engines.base import BadInput

from .days import DayClass, LegalDays

OFFSET = 8 * 3600
DAY = 86400
_EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1992, 2100
Windows = tuple[tuple[int, int], ...]


def check_windows(windows: Sequence[Sequence[int]], where: str) -> Windows:
    """Return one day's windows as sorted pairs of seconds since local midnight.

    Raises:
        BadInput: a window ends before it starts, leaves the day or overlaps another.
    """
    pairs: list[tuple[int, int]] = []
    last = 0
    for window in windows:
        start, end = window
        if not 0 <= start < end <= DAY:
            raise BadInput(f"{where}的时段不成立：开始应早于结束，且都在一天之内。")
        if start < last:
            raise BadInput(f"{where}的时段有重叠或次序颠倒。")
        pairs.append((start, end))
        last = end
    return tuple(pairs)


class WorkCalendar:
    """Windows by day class, the legal table, dated overrides.

    Args:
        name: shown on reports.
        working: windows of working days, seconds since local midnight.
        rest: windows of rest days; the same value as `working` makes the legal table unnecessary.
        legal: the legal table; may be None when working and rest days have the same windows.
        overrides: local date → windows that replace that whole day (重要时期, 征期).
    """

    __slots__ = (
        "_days",
        "_first",
        "_last",
        "_prefix",
        "_years",
        "legal",
        "name",
        "overrides",
        "rest",
        "working",
    )

    def __init__(
        self,
        name: str,
        *,
        working: Sequence[Sequence[int]],
        rest: Sequence[Sequence[int]],
        legal: LegalDays | None = None,
        overrides: Mapping[date, Sequence[Sequence[int]]] | None = None,
    ) -> None:
        self.name = name
        self.working = check_windows(working, f"日历「{name}」工作日")
        self.rest = check_windows(rest, f"日历「{name}」休息日")
        self.legal = legal
        self.overrides = {
            (day - _EPOCH).days: check_windows(windows, f"日历「{name}」{day}")
            for day, windows in (overrides or {}).items()
        }
        if self.working != self.rest and legal is None:
            raise BadInput(f"日历「{name}」区分工作日与休息日，但没有节假日表。")
        self._years: tuple[int, int] | None = None
        self._first = self._last = 0  # day numbers [first, last) that the prefix covers
        self._days: list[Windows] = []
        self._prefix: list[int] = [0]

    def windows(self, day: date) -> Windows:
        """Return the windows of one local day.

        Raises:
            BadInput: the legal table does not know the year.
        """
        number = (day - _EPOCH).days
        if number in self.overrides:
            return self.overrides[number]
        if self.working == self.rest or self.legal is None:
            return self.working
        return self.working if self.legal.day_class(day) is DayClass.WORKING else self.rest

    def _cover(self, day_number: int) -> None:
        """Extend the prefix sums by whole years until they hold the day."""
        day = _EPOCH + timedelta(days=day_number)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise BadInput(f"{day.year} 年超出工作日历的范围（{_FIRST_YEAR}–{_LAST_YEAR} 年）。")
        low, high = self._years or (day.year, day.year - 1)
        years = (min(low, day.year), max(high, day.year))
        first = (date(years[0], 1, 1) - _EPOCH).days
        last = (date(years[1] + 1, 1, 1) - _EPOCH).days
        known, until = (self._first, self._last) if self._years else (first, first)
        # only the new years are worked out; copies, so that who reads meanwhile sees one whole state
        before = [self.windows(_EPOCH + timedelta(days=n)) for n in range(first, known)]
        after = [self.windows(_EPOCH + timedelta(days=n)) for n in range(until, last)]
        days = [*before, *self._days, *after]
        prefix, fresh = ([0], days) if before else (self._prefix[:], after)
        total = prefix[-1]
        for windows in fresh:
            for start, end in windows:
                total += end - start
            prefix.append(total)
        self._days, self._prefix, self._first, self._last, self._years = days, prefix, first, last, years

    def _position(self, t: int) -> int:
        """Return the open seconds from the start of the covered range to `t`."""
        local = t + OFFSET
        day = local // DAY
        if not self._first <= day < self._last:
            self._cover(day)
        index = day - self._first
        second = local - day * DAY
        total = self._prefix[index]
        for start, end in self._days[index]:
            if second <= start:
                break
            total += (second if second < end else end) - start  # noqa: FURB136  # a call costs three times as much
        return total

    def measure(self, a: int, b: int) -> int:
        """Return the open seconds in `[a, b)`; zero when b is not after a.

        Raises:
            BadInput: a year between is unknown to the legal table.
        """
        if b <= a:
            return 0
        start = self._position(a)
        first = self._first
        end = self._position(b)
        if self._first != first:
            start = self._position(a)  # the range grew towards the past; sums count from its start
        return end - start

    def add(self, t: int, seconds: int) -> int:
        """Return the earliest instant by which `seconds` open seconds have passed since `t`.

        Raises:
            BadInput: seconds is negative, a year is unknown, or the calendar is never open again.
        """
        if seconds < 0:
            raise BadInput("时长不能为负。")
        if seconds == 0:
            return t
        target = self._position(t) + seconds
        while self._prefix[-1] < target:
            first = self._first
            self._cover(self._last)
            if self._first != first:
                target = self._position(t) + seconds
        index = bisect_left(self._prefix, target) - 1
        rest = target - self._prefix[index]
        midnight = (self._first + index) * DAY - OFFSET
        for start, end in self._days[index]:
            if rest <= end - start:
                return midnight + start + rest
            rest -= end - start
        raise AssertionError("prefix sums and windows disagree")

    def is_open(self, t: int) -> bool:
        """Test whether the instant lies in a window."""
        local = t + OFFSET
        day = local // DAY
        if not self._first <= day < self._last:
            self._cover(day)
        second = local - day * DAY
        return any(start <= second < end for start, end in self._days[day - self._first])
