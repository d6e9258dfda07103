"""Layers: everything stands below what needs it, circles are cut, rows stay short."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.systems.operations.topology import rules
from taxops.systems.operations.topology.rules import Link

_graphs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] != e[1]), max_size=20
)


def test_the_whole_stands_above_its_part_and_the_guest_above_its_host() -> None:
    assert rules.link_of(7, "part_of", 1) == Link(1, 7, "part_of")
    assert rules.link_of(7, "runs_on", 9) == Link(7, 9, "runs_on")


def test_a_circle_is_cut_and_still_drawn() -> None:
    links = [Link(1, 2, "depends_on"), Link(2, 3, "depends_on"), Link(3, 1, "depends_on")]
    assert rules.layers([1, 2, 3], links) == {1: 0, 2: 1, 3: 2}


@settings(max_examples=60, deadline=None)
@given(_graphs)
def test_without_circles_every_line_goes_down(edges: list[tuple[int, int]]) -> None:
    links = [Link(min(e), max(e), "depends_on") for e in edges]
    layer = rules.layers(range(10), links)
    assert all(layer[link.above] < layer[link.below] for link in links)
    for asset in range(10):  # as high as possible: its layer is the longest way down to it
        above = [layer[link.above] for link in links if link.below == asset]
        assert layer[asset] == 1 + max(above, default=-1)


@settings(max_examples=40, deadline=None)
@given(_graphs, st.integers(1, 4))
def test_every_asset_is_drawn_once_and_no_row_is_too_long(edges: list[tuple[int, int]], most: int) -> None:
    spots = rules.arrange(range(10), [Link(a, b, "runs_on") for a, b in edges], most=most)
    assert sorted(spot.asset for spot in spots) == list(range(10))
    assert len({(spot.row, spot.place) for spot in spots}) == 10
    assert all(spot.place < spot.length <= most for spot in spots)
