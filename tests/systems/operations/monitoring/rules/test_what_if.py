"""What a tree would say: single points, pairs and what hangs on nothing, against trying everything."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.checks import Health, Leaf, LeafKind, Quorum, Tree, evaluate, leaves, parse_tree
from taxops.systems.operations.monitoring.rules import what_if

_leaf = st.builds(lambda code: Leaf(LeafKind.CHECK, code), st.sampled_from("abcdef"))
_tree = st.recursive(
    _leaf,
    lambda parts: st.builds(
        lambda k, ps: Quorum(None if k is None else min(k, len(ps)), tuple(ps)),
        st.sampled_from([None, 1, 2]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=7,
)


def test_one_line_says_who_is_to_blame() -> None:
    tree = parse_tree({"all": [{"check": "db"}, {"any": [{"check": "a"}, {"check": "b"}]}, {"k": 1, "of": [{"check": "c"}, {"check": "d"}, {"check": "e"}]}]})  # fmt: skip  # noqa: E501
    names = {leaf: f"项{leaf.code}" for leaf in leaves(tree)}
    found = what_if(tree, [Leaf(LeafKind.CHECK, "a")], names)
    assert found.health is Health.WARNING
    assert [leaf.code for leaf in found.alone] == ["db"]
    assert [(a.code, b.code) for a, b in found.pairs] == [("a", "b")]
    assert [leaf.code for leaf in found.harmless] == ["c", "d", "e"]
    found = what_if(tree, [Leaf(LeafKind.CHECK, "a"), Leaf(LeafKind.CHECK, "b")], names)
    assert found.health is Health.BAD
    assert "项a" in found.words
    assert "项b" in found.words


@settings(max_examples=80, deadline=None)
@given(_tree)
def test_single_points_and_pairs_are_all_there_are(tree: Tree) -> None:
    every = list(dict.fromkeys(leaves(tree)))

    def down(*bad: Leaf) -> bool:
        return (
            evaluate(tree, {leaf: Health.BAD if leaf in bad else Health.GOOD for leaf in every}) is Health.BAD
        )

    found = what_if(tree, [], {})
    assert found.health is Health.GOOD
    assert list(found.alone) == [leaf for leaf in every if down(leaf)]
    expected = {
        frozenset(p) for p in combinations(every, 2) if down(*p) and not any(down(leaf) for leaf in p)
    }
    assert {frozenset(p) for p in found.pairs} == expected
    assert set(found.alone) | {leaf for p in found.pairs for leaf in p} | set(found.harmless) == set(every)
