"""Maintenance windows (维护窗口): when checks are suspended and what is taken out of an outage.

Only approved windows take anything out; the approval may come after the fact (事后补批). A recurring window is
computed for the stretch that is asked about, never stored as a row for each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxops.engines.base import BadInput, Interval, intersect, merge, subtract

from .heartbeats import Cron

MAX_LENGTH = timedelta(days=31)
MAX_OCCURRENCES = 5000


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of maintenance (维护窗口).

    Args:
        start: begins.
        end: ends; not part of it.
        approved_at: when the bureau consented; None while it has not.
        label: reason or number, for the report.
    """

    start: datetime
    end: datetime
    approved_at: datetime | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadInput("维护窗口的结束应晚于开始。", "请更正时间。", field="end")

    @property
    def interval(self) -> Interval:
        """The stretch."""
        return Interval(self.start, self.end)

    @property
    def is_approved(self) -> bool:
        """Test whether it counts (已批准)."""
        return self.approved_at is not None

    @property
    def is_late(self) -> bool:
        """Test whether consent came after the beginning (事后补批), which reports must say."""
        return self.approved_at is not None and self.approved_at > self.start


@dataclass(frozen=True, slots=True)
class Recurring:
    """Maintenance that comes back (周期性维护窗口).

    Args:
        starts: when it begins, each time.
        length: how long it lasts.
        valid: from when until when the rule holds; a time that begins inside is meant.
        approved_at: consent to the rule.
        label: reason or number, for the report.
    """

    starts: Cron
    length: timedelta
    valid: Interval
    approved_at: datetime | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not timedelta(0) < self.length <= MAX_LENGTH:
            raise BadInput("维护窗口的时长应在 0 到 31 天之间。", "请更正时长。", field="length")

    def windows(self, horizon: Interval) -> list[Window]:
        """Return the times that touch the horizon, in order.

        Raises:
            BadInput: they are too many.
        """
        found: list[Window] = []
        # One microsecond back: a time exactly at the edge is "after" it.
        at = max(self.valid.start, horizon.start - self.length) - timedelta(microseconds=1)
        while True:
            at = self.starts.following(at)
            if at >= horizon.end or at >= self.valid.end:
                return found
            if at + self.length > horizon.start:
                found.append(Window(at, at + self.length, self.approved_at, self.label))
            if len(found) > MAX_OCCURRENCES:
                raise BadInput("维护窗口重复得太密。", "请改用更长的间隔或更短的查询时段。", field="cron")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What one window takes out of the outages (剔除), a line of the report."""

    window: Window
    taken: tuple[Interval, ...]

    @property
    def seconds(self) -> float:
        """How much it takes out."""
        return sum(interval.seconds for interval in self.taken)


def expand(windows: Iterable[Window | Recurring], horizon: Interval) -> list[Window]:
    """Return every window that touches the horizon, recurring ones as their times, by start."""
    found: list[Window] = []
    for window in windows:
        if isinstance(window, Recurring):
            found.extend(window.windows(horizon))
        elif window.interval.start < horizon.end and window.interval.end > horizon.start:
            found.append(window)
    return sorted(found, key=lambda window: (window.start, window.end, window.label))


def remaining(outages: Iterable[Interval], windows: Iterable[Window]) -> list[Interval]:
    """Return the pieces of the outages outside approved windows (剔除后的中断), sorted and disjoint."""
    return subtract(outages, (window.interval for window in windows if window.is_approved))


def exclusions(outages: Iterable[Interval], windows: Iterable[Window]) -> list[Exclusion]:
    """Return what each approved window takes out; where windows overlap, the one that began first has it."""
    rest = merge(outages)
    found: list[Exclusion] = []
    approved = (window for window in windows if window.is_approved)
    for window in sorted(approved, key=lambda window: (window.start, window.end, window.label)):
        taken = intersect(rest, [window.interval])
        if taken:
            found.append(Exclusion(window, tuple(taken)))
            rest = subtract(rest, [window.interval])
    return found


def open_window(windows: Sequence[Window | Recurring], at: datetime) -> Window | None:
    """Return the approved window in which `at` lies (维护中), the one that ends last; None if there is none."""
    instant = Interval(at, at + timedelta(microseconds=1))
    inside = [window for window in expand(windows, instant) if window.is_approved]
    return max(inside, key=lambda window: window.end, default=None)
