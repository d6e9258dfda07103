"""The tree: sums climb, loops are named."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.engines.indicators import Org
from taxops.engines.indicators.rolling import tree_of

TREE = tree_of(
    [
        Org(3, 2, "c", "丙", ""),
        Org(1, None, "a", "甲", ""),
        Org(2, 1, "b", "乙", ""),
        Org(4, 1, "d", "丁", ""),
    ]
)


def test_sums_climb_and_the_tree_is_found() -> None:
    assert TREE.sums({3: 5, 2: 1, 4: None, 99: 7}) == {3: 5, 2: 6, 1: 6}
    assert TREE.below(2) == [2, 3]
    assert TREE.below(1) == [1, 2, 4, 3]
    assert TREE.get("c").id == TREE.get(3).id == TREE.get("3").id == 3
    with pytest.raises(NotFound, match="「x」"):
        TREE.get("x")


def test_a_loop_is_named() -> None:
    with pytest.raises(BadInput, match="甲、乙"):
        tree_of([Org(1, 2, "a", "甲", ""), Org(2, 1, "b", "乙", "")])
