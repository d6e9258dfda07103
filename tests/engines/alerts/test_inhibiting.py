"""What an inhibition keeps quiet: by hand, against a slow reading of the rule, and against the desk itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import (
    Desk,
    Inhibition,
    Signal,
    fingerprint,
    held_pairs,
    parse_matchers,
    parse_plan,
)

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


def _alert(desk: Desk, labels: Labels):  # type: ignore[no-untyped-def]  # the desk's own alert
    return desk._book.known(fingerprint(labels))
