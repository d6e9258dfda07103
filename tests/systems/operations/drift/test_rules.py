"""Diffs: the lines add up to both sides."""

from __future__ import annotations

import difflib

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.systems.operations.drift import rules

_text = st.lists(st.sampled_from(["a", "b", "c", "", "x y"]), max_size=12).map("\n".join)


@settings(max_examples=80, deadline=None)
@given(_text, _text)
def test_with_all_lines_around_a_diff_holds_both_sides(old: str, new: str) -> None:
    found = rules.compare(old, new, context=99)
    if found.same:
        assert old.splitlines() == new.splitlines()
        return
    assert [line.text for line in found.lines if line.mark in " -"] == old.splitlines()
    assert [line.text for line in found.lines if line.mark in " +"] == new.splitlines()
    assert found.added == sum(line.mark == "+" for line in found.lines)
    assert found.removed == sum(line.mark == "-" for line in found.lines)


@settings(max_examples=80, deadline=None)
@given(_text, _text)
def test_what_a_check_noted_reads_as_the_comparison_itself(old: str, new: str) -> None:
    noted = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1)
    found = rules.from_unified([line for line in noted if not line.startswith(("---", "+++"))])
    wanted = rules.compare(old, new, context=1)
    assert (found.added, found.removed) == (wanted.added, wanted.removed)
    assert [line for line in found.lines if line.mark != "@"] == [
        line for line in wanted.lines if line.mark != "@"
    ]


def test_far_apart_differences_are_parted() -> None:
    old = "\n".join(str(n) for n in range(40))
    found = rules.compare(old, old.replace("3\n", "three\n", 1).replace("35", "thirty-five"))
    assert [line.mark for line in found.lines].count("@") == 1
    assert (found.added, found.removed) == (2, 2)
