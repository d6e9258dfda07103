"""Loops are found with their way round; failure spreads to whatever needs what failed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.assets.rules import Edge, affected, find_path

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


@given(EDGES, st.integers(0, 9), st.integers(0, 9))
def test_a_path_is_made_of_edges_and_is_found_exactly_when_there_is_one(
    pairs: list[tuple[int, int]], start: int, goal: int
) -> None:
    way = find_path([Edge(a, "x", b) for a, b in pairs], start, goal)
    reach, before = {start}, set[int]()
    while reach != before:
        before = set(reach)
        reach |= {b for a, b in pairs if a in reach}
    assert bool(way) == (goal in reach)
    if way:
        assert (way[0], way[-1]) == (start, goal)
        assert all(step in pairs for step in pairwise(way))
        assert len(set(way)) == len(way)


def test_what_needs_the_failed_asset_is_affected_and_its_own_parts_are_not() -> None:
    database, service, system, screen, hall, disk = range(6)
    edges = [
        Edge(service, "depends_on", database),
        Edge(service, "part_of", system),
        Edge(screen, "depends_on", system),
        Edge(screen, "located_in", hall),
        Edge(disk, "part_of", database),
    ]
    assert [(hit.asset, hit.depth, hit.through, hit.kind) for hit in affected(edges, database)] == [
        (service, 1, database, "depends_on"),
        (system, 2, service, "part_of"),
        (screen, 3, system, "depends_on"),
    ]
    assert [hit.asset for hit in affected(edges, hall)] == [screen]
    assert next(hit.asset for hit in affected(edges, disk)) == database
    assert affected(edges, screen) == []


@given(EDGES, st.lists(st.sampled_from(["part_of", "depends_on"]), min_size=30, max_size=30))
def test_every_affected_asset_is_told_once_and_loops_end(
    pairs: list[tuple[int, int]], kinds: list[str]
) -> None:
    hits = affected([Edge(a, kind, b) for (a, b), kind in zip(pairs, kinds, strict=False)], 0)
    told = [hit.asset for hit in hits]
    assert len(told) == len(set(told))
    assert 0 not in told
    depth = {0: 0} | {hit.asset: hit.depth for hit in hits}
    assert all(hit.depth == depth[hit.through] + 1 for hit in hits)
