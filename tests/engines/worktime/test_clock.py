"""Clocks agree with the worked examples and with walking minute by minute."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, parse_instant
from taxops.engines.worktime import Clock, Event, Policy, State, replay, shipped

from . import oracle

EXAMPLES = tomllib.loads((Path(__file__).parent / "data" / "clocks.toml").read_text(encoding="utf-8"))[
    "clock"
]
MONDAY = int(parse_instant("2026-06-01").timestamp())


def _at(text: str) -> int:
    return int(parse_instant(f"2026-06-{text}").timestamp())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["id"])
def test_clocks_agree_with_the_specification(example: dict[str, Any]) -> None:
    events: list[Event] = [(_at(e[0]), e[1], e[2] if len(e) > 2 else None) for e in example["events"]]
    policy = Policy(example["target"], example.get("strict", False), example.get("pausable", True))
    found = replay(events, policy, shipped(example.get("calendar", "onsite7x12")), _at(example["now"]))
    deadline = _at(example["deadline"]) if example["deadline"] else None
    assert found == Clock(example["elapsed"], State(example["state"]), example["breached"], deadline)


kinds = st.sampled_from(["pause", "resume", "stop", "reopen", "start"])
histories = st.lists(st.tuples(st.integers(0, 4 * 1440), kinds), max_size=8).map(
    lambda found: [
        (MONDAY, "start", None),
        *((MONDAY + 60 * m, k, None) for m, k in sorted(found, key=lambda e: e[0])),
    ]
)


@settings(max_examples=80, deadline=None)
@given(histories, st.integers(0, 5 * 1440), st.booleans(), st.booleans(), st.integers(1, 3000))
def test_any_history_agrees_with_walking(
    events: list[Event], minutes: int, strict: bool, pausable: bool, target: int
) -> None:
    calendar, now = shipped("onsite7x12"), MONDAY + minutes * 60
    found = replay(events, Policy(target * 60, strict, pausable), calendar, now)
    seen = [e for e in events if e[0] <= now]
    assert found.elapsed_seconds == oracle.elapsed(seen, calendar, now, pausable=pausable)
    assert found.breached is (found.elapsed_seconds >= target * 60 + (0 if strict else 1))
    if found.state is not State.RUNNING and found.elapsed_seconds < target * 60:
        assert found.deadline is None
    if found.deadline is not None and found.deadline <= now:
        assert found.elapsed_seconds >= target * 60


@given(histories, st.integers(0, 5 * 1440))
def test_an_event_told_twice_changes_nothing(events: list[Event], minutes: int) -> None:
    calendar, now = shipped("onsite7x12"), MONDAY + minutes * 60
    doubled = [e for event in events for e in (event, event)]
    assert replay(doubled, Policy(7200), calendar, now) == replay(events, Policy(7200), calendar, now)


def test_a_breach_stays_recorded_when_the_target_is_raised() -> None:
    events: list[Event] = [(_at("01 14:30"), "start", None), (_at("01 17:00"), "target", 14400)]
    found = replay(events, Policy(7200), shipped("onsite7x12"), _at("01 17:10"))
    assert found.breached
    assert found.deadline == _at("01 18:30")


@pytest.mark.parametrize(
    ("_case", "events", "said"),
    [
        ("no start", [], "没有开始"),
        ("end before start", [(MONDAY + 60, "start", None), (MONDAY, "stop", None)], "先后"),
        ("unknown kind", [(MONDAY, "start", None), (MONDAY, "halt", None)], "不认识"),
        ("no target", [(MONDAY, "start", None), (MONDAY, "target", None)], "正的秒数"),
        ("negative target", [(MONDAY, "start", None), (MONDAY, "target", -1)], "正的秒数"),
    ],
)
def test_a_history_that_cannot_be_is_refused(_case: str, events: list[Event], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        replay(events, Policy(7200), shipped("always"), MONDAY + 3600)
