"""Interval arithmetic agrees with counting minutes one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import Interval, intersect, merge, subtract, total_seconds

ZERO = datetime(2026, 6, 1, tzinfo=UTC)


def _interval(pair: tuple[int, int]) -> Interval:
    return Interval(ZERO + timedelta(minutes=pair[0]), ZERO + timedelta(minutes=pair[1]))


intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(_interval), max_size=8)


def _minutes(found: list[Interval]) -> set[int]:
    return {
        minute for i in found for minute in range(60) if i.start <= ZERO + timedelta(minutes=minute) < i.end
    }


@given(intervals, intervals)
def test_set_operations_agree_with_sets_of_minutes(left: list[Interval], right: list[Interval]) -> None:
    assert _minutes(merge(left)) == _minutes(left)
    assert _minutes(intersect(left, right)) == _minutes(left) & _minutes(right)
    assert _minutes(subtract(left, right)) == _minutes(left) - _minutes(right)
    assert total_seconds(left) == 60 * len(_minutes(left))


@given(intervals, intervals)
def test_results_are_sorted_disjoint_and_never_empty(left: list[Interval], right: list[Interval]) -> None:
    for found in (merge(left), intersect(left, right), subtract(left, right)):
        assert all(found)
        assert all(a.end <= b.start for a, b in pairwise(found))


def test_touching_intervals_are_joined() -> None:
    assert merge([_interval((0, 5)), _interval((5, 9))]) == [_interval((0, 9))]


def test_a_backward_interval_is_empty() -> None:
    assert not _interval((5, 5))
    assert _interval((9, 5)).seconds == 0
