"""Where spans of time lie on a week's sheet (周历排布). Pure.

A span that crosses midnight is cut at it; spans of one day that overlap stand side by side in lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from taxops.engines.base import CHINA

DAY_MIN = 24 * 60
LEAST_MIN = 45
"""A short span takes at least so much room, so that it can be read and pointed at."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a span within one day (周历块).

    Args:
        span: which one, by its place in what was given.
        day: 0 to 6.
        start_min: minutes after midnight, where it is drawn from.
        end_min: until where it is drawn.
        lane: which of `lanes` columns of the day it stands in.
        lanes: how many columns the spans that overlap here need.
        goes_on: whether it began on an earlier day.
    """

    span: int
    day: int
    start_min: int
    end_min: int
    lane: int = 0
    lanes: int = 1
    goes_on: bool = False


def lay_out(spans: Sequence[tuple[datetime, datetime]], first: date) -> list[Block]:
    """Return the blocks of half-open spans on the seven days from `first`, by day and beginning."""
    found: list[Block] = []
    for day in range(7):
        midnight = datetime.combine(first + timedelta(days=day), time(), tzinfo=CHINA)
        after = midnight + timedelta(days=1)
        parts = []
        for number, (start, end) in enumerate(spans):
            if start >= after or end <= midnight:
                continue
            begins = int((max(start, midnight) - midnight).total_seconds() // 60)
            ends = -(-int((min(end, after) - midnight).total_seconds()) // 60)
            begins = min(begins, DAY_MIN - LEAST_MIN)
            parts.append(Block(number, day, begins, max(ends, begins + LEAST_MIN), goes_on=start < midnight))
        found += _in_lanes(sorted(parts, key=lambda b: (b.start_min, -b.end_min, b.span)))
    return found


def _in_lanes(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of a day with their lanes; those that touch each other, directly or not, share a width."""
    done: list[Block] = []
    cluster: list[tuple[Block, int]] = []
    free: list[int] = []  # until when each lane is taken

    def close() -> None:
        done.extend(
            Block(b.span, b.day, b.start_min, b.end_min, lane, len(free), b.goes_on) for b, lane in cluster
        )
        cluster.clear()
        free.clear()

    for block in blocks:
        if cluster and block.start_min >= max(free):
            close()
        lane = next((n for n, until in enumerate(free) if until <= block.start_min), len(free))
        if lane == len(free):
            free.append(block.end_min)
        else:
            free[lane] = block.end_min
        cluster.append((block, lane))
    close()
    return done
