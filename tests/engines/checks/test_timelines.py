"""Health over time, against brute force at every second."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import Interval
from taxops.engines.checks import (
    Health,
    Leaf,
    LeafKind,
    Quorum,
    Span,
    Tree,
    down_intervals,
    evaluate,
    parse_tree,
    timeline,
)

from .test_tree import LEAVES, trees

ZERO = datetime(2026, 6, 1, tzinfo=UTC)


def at(second: int) -> datetime:
    return ZERO + timedelta(seconds=second)


def between(start: int, end: int) -> Interval:
    return Interval(at(start), at(end))


stretches = st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda p: between(p[0], p[0] + p[1]))
spans = st.dictionaries(
    st.sampled_from(LEAVES),
    st.lists(st.builds(Span, stretches, st.sampled_from(list(Health))), max_size=5),
)
horizons = st.tuples(st.integers(0, 30), st.integers(1, 20)).map(lambda p: between(p[0], p[0] + p[1]))


@given(trees, spans, horizons)
def test_the_timeline_agrees_with_looking_at_every_second(
    tree: Tree, mine: dict[Leaf, list[Span]], horizon: Interval
) -> None:
    whole = timeline(tree, mine, horizon)
    assert whole[0].interval.start == horizon.start
    assert whole[-1].interval.end == horizon.end
    for before, after in itertools.pairwise(whole):
        assert before.interval.end == after.interval.start
        assert before.health is not after.health
    instant = horizon.start
    while instant < horizon.end:
        states = {}
        for leaf in LEAVES:
            covering = [s for s in mine.get(leaf, []) if s.interval.start <= instant < s.interval.end]
            states[leaf] = covering[-1].health if covering else Health.GOOD
        shown = next(s for s in whole if s.interval.start <= instant < s.interval.end)
        assert shown.health is evaluate(tree, states)
        instant += timedelta(seconds=1)


def test_a_pair_is_down_only_while_both_are() -> None:
    tree = parse_tree({"any": [{"check": "a"}, {"check": "b"}]})
    a, b = (Leaf(LeafKind.CHECK, code) for code in "ab")
    bad = {a: [between(0, 100)], b: [between(40, 60), between(90, 120)]}
    assert down_intervals(tree, bad, between(0, 200)) == [between(40, 60), between(90, 100)]


def test_two_of_three_are_down_while_two_are() -> None:
    parts = tuple(Leaf(LeafKind.CHECK, code) for code in "abc")
    bad = {parts[0]: [between(0, 50)], parts[1]: [between(20, 40)], parts[2]: [between(35, 70)]}
    assert down_intervals(Quorum(2, parts), bad, between(0, 100)) == [between(20, 50)]


def test_a_leaf_under_maintenance_is_left_out() -> None:
    tree = parse_tree({"all": [{"check": "a"}, {"check": "b"}]})
    a = Leaf(LeafKind.CHECK, "a")
    down = down_intervals(tree, {a: [between(0, 100)]}, between(0, 200), suspended={a: [between(20, 30)]})
    assert down == [between(0, 20), between(30, 100)]


def test_outages_are_cut_to_the_horizon() -> None:
    a = Leaf(LeafKind.CHECK, "a")
    assert down_intervals(a, {a: [between(0, 100)]}, between(50, 80)) == [between(50, 80)]
    assert down_intervals(a, {a: [between(0, 100)]}, between(80, 80)) == []
