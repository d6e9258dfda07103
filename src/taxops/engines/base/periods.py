"""Half-open time intervals (时间区间) and the set arithmetic that availability and clocks need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`; both instants are aware. An interval whose end is not after its start is empty."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Length in seconds, never negative."""
        return max(0.0, (self.end - self.start).total_seconds())

    def __bool__(self) -> bool:
        return self.end > self.start


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the union as sorted, disjoint intervals; touching ones are joined, empty ones dropped."""
    merged: list[Interval] = []
    for interval in sorted(i for i in intervals if i):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """Return the instants that lie in both sets, as sorted, disjoint intervals."""
    a, b = merge(left), merge(right)
    found: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        both = Interval(max(a[i].start, b[j].start), min(a[i].end, b[j].end))
        if both:
            found.append(both)
        if a[i].end <= b[j].end:
            i += 1
        else:
            j += 1
    return found


def subtract(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """Return the instants of `left` that are not in `right`, as sorted, disjoint intervals."""
    holes = merge(right)
    rest: list[Interval] = []
    for interval in merge(left):
        start = interval.start
        for hole in holes:
            if hole.end <= start:
                continue
            if hole.start >= interval.end:
                break
            if hole.start > start:
                rest.append(Interval(start, hole.start))
            start = max(start, hole.end)
        if start < interval.end:
            rest.append(Interval(start, interval.end))
    return rest


def total_seconds(intervals: Iterable[Interval]) -> float:
    """Return how many seconds the union of the intervals covers."""
    return sum(i.seconds for i in merge(intervals))
