"""Blocks of a week: cut at midnight, side by side when they overlap, never on top of each other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import CHINA
from taxops.systems.operations.monitoring.rules.weeks import DAY_MIN, LEAST_MIN, lay_out

MONDAY = date(2026, 6, 1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of that week."""
    return datetime(2026, 6, day, hour, minute, tzinfo=CHINA)


def shape(*spans: tuple[datetime, datetime]) -> list[tuple[int, int, int, int, int, int]]:
    """Return the blocks as tuples."""
    found = lay_out(spans, MONDAY)
    return [(b.span, b.day, b.start_min, b.end_min, b.lane, b.lanes) for b in found]


def test_a_span_over_midnight_is_cut_and_goes_on() -> None:
    assert shape((at(1, 23), at(2, 0, 30))) == [(0, 0, 1380, 1440, 0, 1), (0, 1, 0, 45, 0, 1)]
    assert [b.goes_on for b in lay_out([(at(1, 23), at(2, 2))], MONDAY)] == [False, True]
    assert shape((at(1, 22), at(2, 0))) == [(0, 0, 1320, 1440, 0, 1)], "half-open: midnight belongs to no one"


def test_overlapping_spans_stand_side_by_side_and_others_do_not() -> None:
    assert shape((at(3, 1), at(3, 4)), (at(3, 2), at(3, 3)), (at(3, 9), at(3, 10))) == [
        (0, 2, 60, 240, 0, 2), (1, 2, 120, 180, 1, 2), (2, 2, 540, 600, 0, 1),
    ]  # fmt: skip


def test_what_lies_outside_the_week_is_left_out_and_short_ones_can_be_read() -> None:
    assert shape((at(8, 0), at(8, 1))) == []
    assert shape((at(1, 23, 58), at(1, 23, 59))) == [(0, 0, DAY_MIN - LEAST_MIN, DAY_MIN, 0, 1)]


_spans = st.lists(st.tuples(st.integers(-2000, 11000), st.integers(1, 3000)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(_spans)
def test_no_two_blocks_cover_each_other(raw: list[tuple[int, int]]) -> None:
    start = at(1, 0)
    spans = [
        (start + timedelta(minutes=begin), start + timedelta(minutes=begin + length)) for begin, length in raw
    ]
    blocks = lay_out(spans, MONDAY)
    for number, one in enumerate(blocks):
        assert 0 <= one.start_min < one.end_min <= DAY_MIN
        assert 0 <= one.lane < one.lanes
        for other in blocks[:number]:
            if one.day == other.day and one.start_min < other.end_min and other.start_min < one.end_min:
                assert one.lane != other.lane
                assert one.lanes == other.lanes
    touched = {
        (number, day)
        for number, (begin, end) in enumerate(spans)
        for day in range(7)
        if begin < start + timedelta(days=day + 1) and end > start + timedelta(days=day)
    }
    assert {(b.span, b.day) for b in blocks} == touched
