"""What an inhibition keeps quiet: by hand, against a slow reading of the rule, and against the desk itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import (
    Desk,
    Inhibition,
    Plan,
    Route,
    Signal,
    find_loop,
    fingerprint,
    held_pairs,
    parse_matchers,
    parse_plan,
    settle,
)

Bucket = tuple[int, tuple[str, ...]]
Labels = Mapping[str, str]
LINE: Labels = {"role": "line", "city": "南宁"}
HALL: Labels = {"role": "hall", "city": "南宁"}
FAR: Labels = {"role": "hall", "city": "柳州"}


def rule(source: str, target: str, *equal: str) -> Inhibition:
    """Return a rule written in one matcher a side."""
    return Inhibition(parse_matchers([source]), parse_matchers([target]), equal)


@pytest.mark.parametrize(
    ("given_rule", "firing", "expected"),
    [
        (rule("role=line", "role=hall", "city"), [LINE, HALL, FAR], [(1, 0)]),
        (rule("role=line", "role=hall"), [HALL, LINE, FAR], [(0, 1), (2, 1)]),
        (rule("role=line", "role=hall", "city"), [HALL, FAR], []),
        (rule("role=line", "city=~.+", "city"), [LINE, HALL], [(1, 0)]),  # the source is no target of its own
        (rule("city=南宁", "city=南宁"), [LINE, HALL], []),  # both are both: neither may hide the other
        (
            rule("role=line", "role=hall", "zone"),
            [LINE, HALL],
            [(1, 0)],
        ),  # a label neither has counts as equal
    ],
)
def test_examples(given_rule: Inhibition, firing: list[Labels], expected: list[tuple[int, int]]) -> None:
    assert held_pairs(given_rule, firing) == expected


_labels = st.fixed_dictionaries({"a": st.sampled_from("xy"), "b": st.sampled_from("xyz")})
_matcher = st.builds(
    "{}{}{}".format, st.sampled_from("ab"), st.sampled_from(["=", "!="]), st.sampled_from("xyz")
)
_rules = st.builds(rule, _matcher, _matcher) | st.builds(rule, _matcher, _matcher, st.sampled_from("ab"))


@settings(max_examples=60, deadline=None)
@given(_rules, st.lists(_labels, max_size=6))
def test_it_agrees_with_a_slow_reading_and_with_the_desk(one: Inhibition, firing: list[Labels]) -> None:
    slow = {
        n
        for n, target in enumerate(firing)
        for source in firing
        if one.is_source(source) and one.is_target(target) and one.key(source) == one.key(target)
    }
    assert {n for n, _ in held_pairs(one, firing)} == slow
    plan = parse_plan(
        {
            "route": {"receivers": ["somebody"]},
            "inhibit": [
                {
                    "source": [str(m) for m in one.source],
                    "target": [str(m) for m in one.target],
                    "equal": list(one.equal),
                }
            ],
        }
    )
    desk = Desk(plan)
    for labels in firing:
        desk.receive(Signal(labels, 1000, True, ""))
    quiet = {n for n, labels in enumerate(firing) if desk.quiet_because(_alert(desk, labels), 2000)}
    assert quiet == slow


def _edges(rules: list[Inhibition], firing: list[Labels]) -> set[tuple[int, int]]:
    """Return `(source, target)` by place, each pair by itself."""
    return {
        (s, t)
        for one in rules
        for s, source in enumerate(firing)
        for t, target in enumerate(firing)
        if s != t and one.is_source(source) and one.is_target(target) and one.key(source) == one.key(target)
    }


def _slow(edges: set[tuple[int, int]], n: int) -> set[int]:
    """Return who is quiet: reachability by brute force, then circles in the order in which they keep others quiet."""
    reach = {(a, b) for a, b in edges} | {(a, a) for a in range(n)}
    for middle in range(n):
        reach |= {(a, b) for a in range(n) for b in range(n) if {(a, middle), (middle, b)} <= reach}
    together = {(a, b) for a, b in reach if (b, a) in reach}
    quiet: set[int] = set()
    for _ in range(n):  # each round is right for one more link of the chains
        quiet = {t for s, t in edges if (s, t) not in together and s not in quiet}
    return quiet


@settings(max_examples=120, deadline=None)
@given(
    st.lists(_rules, max_size=4),
    st.lists(_labels, max_size=6, unique_by=lambda one: tuple(sorted(one.items()))),
    st.data(),
)
def test_whatever_the_rules_somebody_is_heard_of_what_hangs_together(
    rules: list[Inhibition], firing: list[Labels], data: st.DataObject
) -> None:
    desk = Desk(Plan(Route("r", receivers=("somebody",)), tuple(rules)))
    for labels in data.draw(st.permutations(firing)):
        desk.receive(Signal(labels, 1000, True, ""))
    gone = data.draw(st.sets(st.integers(0, 5)))
    for place in gone & set(range(len(firing))):  # some end, some of those come back
        desk.receive(Signal(firing[place], 2000, False, ""))
    back = data.draw(st.sets(st.sampled_from(sorted(gone)))) if gone else set()
    for place in back & set(range(len(firing))):
        desk.receive(Signal(firing[place], 3000, True, ""))
    left = [labels for place, labels in enumerate(firing) if place not in gone or place in back]
    quiet = {n for n, labels in enumerate(left) if desk.quiet_because(_alert(desk, labels), 4000)}
    edges = _edges(rules, left)
    assert quiet == _slow(edges, len(left))
    parts = [{n} for n in range(len(left))]
    for s, t in edges:
        one, other = (next(p for p in parts if n in p) for n in (s, t))
        if one is not other:
            parts.remove(other)
            one |= other
    assert all(part - quiet for part in parts)


@pytest.mark.parametrize(
    ("rules", "loud"),
    [
        ([("a=1", "a=2"), ("a=2", "a=3")], {1, 3}),  # what is quiet itself silences nobody
        ([("a=1", "a=2"), ("a=2", "a=1")], {1, 2, 3}),  # two that would silence each other
        ([("a=1", "a=2"), ("a=2", "a=3"), ("a=3", "a=1")], {1, 2, 3}),
        ([("a=1", "a=2"), ("a=2", "a=3"), ("a=3", "a=2")], {1, 3}),  # the circle from outside
    ],
)
def test_chains_and_circles(rules: list[tuple[str, str]], loud: set[int]) -> None:
    plan = Plan(Route("r", receivers=("somebody",)), tuple(rule(source, target) for source, target in rules))
    desk = Desk(plan)
    for n in (1, 2, 3):
        desk.receive(Signal({"a": str(n)}, 1000, True, ""))
    heard = {n for n in (1, 2, 3) if desk.quiet_because(_alert(desk, {"a": str(n)}), 2000) is None}
    assert heard == loud


def test_a_long_chain_is_settled_without_recursion() -> None:
    n = 3000
    between: dict[str, list[Bucket]] = {f"m{k}": [(k, ())] for k in range(1, n)}
    sources: dict[Bucket, set[str]] = {(k, ()): {f"m{k - 1}"} for k in range(1, n)}
    assert settle(sources, between).quiet == {f"m{k}" for k in range(1, n, 2)}


@pytest.mark.parametrize(
    ("rules", "loop"),
    [
        ([("a=1", "b=1"), ("b=1", "a=1")], [0, 1, 0]),
        ([("a=1", "b=1"), ("b=1", "c=1"), ("c=1", "a=1")], [0, 1, 2, 0]),
        ([("a=1", "b=1"), ("b=2", "a=1")], []),
        ([("a=1", "b=~x|y"), ("b=~y|z", "a=1")], [0, 1, 0]),
        ([("a=1", "b=~x|y"), ("b=~z|v", "a=1")], []),
        ([("a=1", "b=~x.*"), ("b=~y.*", "a=1")], [0, 1, 0]),  # in doubt, a circle
        ([("a=1", "org^=1/2/"), ("org^=1/2/3/", "a=1")], []),  # a place is no common thing
        ([("a=1,org^=1/2/", "b=1,org^=1/2/"), ("b=1,org^=1/3/", "a=1,org^=1/3/")], []),
        ([("a=1", "b!=1"), ("b=2", "a=1")], []),  # says only what it is not
        ([("a=1", "b=1,c!=2"), ("b=1,c=2", "a=1")], []),
        ([("a=1", "a=~.+"), ("a=1,b=2", "c=1")], []),  # a source of its own is never its target
    ],
)
def test_rules_that_go_in_a_circle_are_found(rules: list[tuple[str, str]], loop: list[int]) -> None:
    made = [
        Inhibition(parse_matchers(source.split(",")), parse_matchers(target.split(",")))
        for source, target in rules
    ]
    assert find_loop(made, 0) == loop


def _alert(desk: Desk, labels: Labels):  # type: ignore[no-untyped-def]  # the desk's own alert
    return desk._book.known(fingerprint(labels))
