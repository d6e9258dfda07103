"""Dependencies: circles found, and which outages are another's doing."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks import Cover, Suppression, ancestors, find_circle, suppression

ZERO = datetime(2026, 6, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return ZERO + timedelta(seconds=second)


def cover(key: int, start: float, end: float | None, depth: int = 1, slack: float = 15) -> Cover:
    return Cover(key, at(start), None if end is None else at(end), timedelta(seconds=slack), depth)


@pytest.mark.parametrize(
    ("case", "start", "end", "covers", "now", "expected"),
    [
        ("nothing above is down", 100, None, [], 200, None),
        ("the line is down", 100, None, [cover(1, 90, None)], 200, (1, None)),
        ("the line's failure was seen after its dependant's", 100, None, [cover(1, 112, None)], 200, (1, None)),
        ("too long after: its own", 100, None, [cover(1, 116, None)], 200, None),
        ("it was down before", 100, 400, [cover(1, 200, 300)], 500, None),
        ("it came back with the line", 100, 310, [cover(1, 90, 300)], 500, (1, None)),
        ("the line is back and it has still time", 100, None, [cover(1, 90, 300)], 320, (1, None)),
        ("the line is back and it goes on", 100, None, [cover(1, 90, 300)], 321, (1, 300)),
        ("it went on, and is over", 100, 400, [cover(1, 90, 300)], 999, (1, 300)),
        ("the line fell twice", 100, 500, [cover(1, 90, 300), cover(2, 310, 490)], 999, (1, None)),
        ("another line took over", 100, None, [cover(1, 90, 300), cover(2, 250, None)], 999, (1, None)),
        ("the farthest up is named", 100, None, [cover(1, 95, None), cover(2, 90, None, 2)], 200, (2, None)),
        ("a line that was back before it began", 100, None, [cover(1, 10, 50)], 200, None),
    ],
)  # fmt: skip
def test_an_outage_is_its_own_or_anothers_doing(
    case: str,
    start: float,
    end: float | None,
    covers: list[Cover],
    now: float,
    expected: tuple[int, float | None] | None,
) -> None:
    found = suppression(
        at(start), None if end is None else at(end), covers, grace=timedelta(seconds=20), now=at(now)
    )
    wanted = None
    if expected is not None:
        by, counts = expected
        wanted = Suppression(by, None if counts is None else at(counts))
    assert found == wanted, case


graphs = st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=4), max_size=7)


@given(graphs, st.integers(0, 6))
def test_ancestors_and_circles_agree_with_walking_every_way(edges: dict[int, list[int]], node: int) -> None:
    reached: set[int] = set()
    todo = list(edges.get(node, []))
    while todo:
        one = todo.pop()
        if one not in reached:
            reached.add(one)
            todo += edges.get(one, [])
    circle = find_circle(edges, node)
    assert (circle is not None) is (node in reached)
    if circle is not None:
        assert circle[0] == circle[-1] == node
        assert all(b in edges[a] for a, b in itertools.pairwise(circle))
        assert ancestors(edges, node) == {}
    else:
        assert set(ancestors(edges, node)) == reached


@given(
    st.integers(0, 100),
    st.none() | st.integers(1, 100),
    st.lists(st.tuples(st.integers(0, 120), st.none() | st.integers(1, 60), st.integers(1, 3)), max_size=4),
)
def test_what_counts_lies_inside_the_outage(
    start: int, length: int | None, above: list[tuple[int, int | None, int]]
) -> None:
    end = None if length is None else start + length
    covers = [cover(n, s, None if k is None else s + k, d) for n, (s, k, d) in enumerate(above)]
    found = suppression(
        at(start), None if end is None else at(end), covers, grace=timedelta(seconds=20), now=at(500)
    )
    if found is not None and found.counts_from is not None:
        assert at(start) < found.counts_from
        assert end is None or found.counts_from < at(end)
    if not covers:
        assert found is None
