"""Maintenance windows and what they take out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput, Interval, intersect, total_seconds
from taxops.engines.checks import Cron, Recurring, Window, exclusions, expand, open_window, remaining

ZERO = datetime(2026, 6, 1, tzinfo=CHINA)


def at(hour: float) -> datetime:
    return ZERO + timedelta(hours=hour)


def between(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def window(start: float, end: float, approved: float | None = 0.0, label: str = "") -> Window:
    return Window(at(start), at(end), None if approved is None else at(approved), label)


def test_an_approved_window_splits_an_outage() -> None:
    assert remaining([between(0, 5)], [window(2, 3)]) == [between(0, 2), between(3, 5)]


def test_a_window_that_nobody_approved_takes_nothing_out() -> None:
    assert remaining([between(0, 5)], [window(2, 3, None)]) == [between(0, 5)]
    assert exclusions([between(0, 5)], [window(2, 3, None)]) == []


def test_an_approval_after_the_fact_counts_and_is_marked() -> None:
    late = window(2, 3, approved=50)
    assert late.is_late
    assert not window(2, 3, approved=1).is_late
    assert remaining([between(2, 3)], [late]) == []


def test_overlapping_windows_take_out_once() -> None:
    lines = exclusions([between(0, 5)], [window(1, 3, label="甲"), window(2, 4, label="乙")])
    assert [(line.window.label, line.seconds) for line in lines] == [("甲", 7200), ("乙", 3600)]


def test_a_window_ends_after_it_begins() -> None:
    with pytest.raises(BadInput, match="结束应晚于开始"):
        window(2, 2)


NIGHTLY = Recurring(
    Cron("0 23 * * 3"), timedelta(hours=3), between(0, 24 * 60), approved_at=at(0), label="每周三夜间维护"
)


def test_a_recurring_window_is_computed_in_local_time() -> None:
    found = NIGHTLY.windows(between(0, 24 * 14))
    assert [w.start for w in found] == [at(2 * 24 + 23), at(9 * 24 + 23)]
    assert found[0].end == at(3 * 24 + 2)


def test_a_recurring_window_that_began_before_the_horizon_is_seen() -> None:
    assert len(NIGHTLY.windows(between(3 * 24 + 1, 3 * 24 + 1.5))) == 1
    assert NIGHTLY.windows(between(3 * 24 + 2, 3 * 24 + 3)) == []
    assert len(NIGHTLY.windows(between(2 * 24 + 23, 2 * 24 + 23.5))) == 1


def test_a_rule_ends_with_its_validity() -> None:
    assert NIGHTLY.windows(between(24 * 60, 24 * 90)) == []


def test_too_dense_a_recurrence_is_refused() -> None:
    dense = Recurring(Cron("* * * * *"), timedelta(minutes=1), between(0, 24 * 365), at(0))
    with pytest.raises(BadInput, match="太密"):
        dense.windows(between(0, 24 * 30))
    with pytest.raises(BadInput, match="时长"):
        Recurring(Cron("0 0 * * *"), timedelta(0), between(0, 1))


def test_the_open_window_is_found() -> None:
    windows = [NIGHTLY, window(71, 73, label="加开"), window(71, 90, None, label="未批")]
    found = open_window(windows, at(72))
    assert found is not None
    assert found.label == "每周三夜间维护"
    assert open_window(windows, at(74)) is None
    assert [w.label for w in expand(windows, between(71, 72))] == ["加开", "每周三夜间维护", "未批"]


pieces = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda p: between(p[0], sum(p))))


@given(pieces, pieces)
def test_what_remains_and_what_is_taken_add_up(outages: list[Interval], holes: list[Interval]) -> None:
    windows = [Window(hole.start, hole.end, ZERO) for hole in holes]
    rest, taken = remaining(outages, windows), exclusions(outages, windows)
    assert total_seconds(rest) + sum(line.seconds for line in taken) == total_seconds(outages)
    assert intersect(rest, holes) == []
    assert remaining(rest, windows) == rest
