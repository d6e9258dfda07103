"""Fusion: several orders made one."""

from __future__ import annotations

from taxops.engines.search import fuse


def test_what_several_name_comes_first_and_nothing_is_lost() -> None:
    assert fuse([["a", "b", "c"], ["b", "d"]]) == ["b", "a", "d", "c"]
    assert fuse([]) == []
    assert fuse([["a", "a", "b"]]) == ["a", "b"]


def test_weights_turn_the_order() -> None:
    assert fuse([["a", "b"], ["b", "a"]], weights=[1.0, 2.0]) == ["b", "a"]
