"""Steps are taken or refused with their reason; whatever is tried, the history still folds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.cases import (
    Actor,
    Event,
    Refused,
    decide,
    fold,
    local_day,
    months_later,
    offered,
    open_case,
)

from .sample import ANN, BEN, CAI, CUSTOMER, DAN, KIND, at, attempt, opened, take

START, END = at("06-01 20:00"), at("06-01 22:00")


def working(level: str = "L2") -> list[Event]:
    return take(opened("06-01 08:00", level), "accept", "06-01 08:05")


def agreed(script: str = "update t set a=1") -> list[Event]:
    h = take(working(), "draft", "06-01 09:00", ANN, script=script, window_start=START, window_end=END)
    h = take(h, "agree", "06-01 10:00", BEN)
    return take(h, "agree", "06-01 10:30", CAI)


def why(found: list[Event] | Refused) -> str:
    assert isinstance(found, Refused), found
    assert any("\u4e00" <= c <= "\u9fff" for c in found.what)
    return found.code


def test_a_state_that_does_not_allow_it() -> None:
    assert why(attempt(opened("06-01 08:00"), "resolve", "06-01 09:00", cause="x")) == "state"


def test_a_role_that_is_missing() -> None:
    assert why(attempt(opened("06-01 08:00"), "accept", "06-01 09:00", CUSTOMER)) == "no_role"
    nobody = Actor(9, "无", frozenset())
    assert why(open_case(KIND, nobody, {}, at=0, entered_at=0)) == "no_role"


def test_a_required_field() -> None:
    assert why(attempt(working(), "resolve", "06-01 09:00")) == "missing"
    assert why(attempt(working(), "resolve", "06-01 09:00", cause="  ")) == "missing"


def test_a_pause_needs_reason_evidence_and_for_a_vendor_consent() -> None:
    h = working()
    assert why(attempt(h, "wait", "06-01 09:00", wait_evidence="电话")) == "missing"
    assert why(attempt(h, "wait", "06-01 09:00", wait_reason="wait_requester")) == "missing"
    assert why(attempt(h, "wait", "06-01 09:00", wait_reason="wait_vendor", wait_evidence="函")) == "consent"
    h = take(
        h, "wait", "06-01 09:00", wait_reason="wait_vendor", wait_evidence="函", wait_consent="李处 电话"
    )
    h = take(h, "continue", "06-01 10:00")
    # neither the reason nor the consent of the first wait serves for the second
    assert why(attempt(h, "wait", "06-01 11:00")) == "missing"
    assert why(attempt(h, "wait", "06-01 11:00", wait_reason="wait_vendor", wait_evidence="函")) == "consent"


def test_two_different_people_approve() -> None:
    h = take(working(), "draft", "06-01 09:00", script="s", window_start=START, window_end=END)
    h = take(h, "agree", "06-01 10:00", BEN)
    assert why(attempt(h, "agree", "06-01 10:01", BEN)) == "voted"
    assert why(attempt(h, "execute", "06-01 20:30", DAN)) == "not_approved"
    h = take(h, "agree", "06-01 10:02", CAI)
    assert isinstance(attempt(h, "execute", "06-01 20:30", DAN), list)


def test_the_requester_and_the_author_do_not_approve() -> None:
    both = Actor(ANN.id, ANN.name, frozenset({"handle", "approve"}))
    h = take(working(), "draft", "06-01 09:00", script="s", window_start=START, window_end=END)
    assert why(attempt(h, "agree", "06-01 10:00", both)) == "same_person"
    boss = Actor(CUSTOMER.id, "客", frozenset({"approve"}))
    assert why(attempt(h, "agree", "06-01 10:00", boss)) == "same_person"


def test_the_approver_does_not_execute() -> None:
    assert why(attempt(agreed(), "execute", "06-01 20:30", BEN)) == "same_person"


def test_a_changed_script_voids_the_approval() -> None:
    h = take(agreed(), "draft", "06-01 11:00", script="delete from t")
    assert why(attempt(h, "execute", "06-01 20:30", DAN)) == "void"
    back = take(h, "draft", "06-01 11:10", script="update t set a=1")
    assert isinstance(attempt(back, "execute", "06-01 20:30", DAN), list), "the very text that was approved"


@pytest.mark.parametrize(
    ("when", "fits"), [("06-01 19:59:59", False), ("06-01 20:00", True), ("06-01 22:00", False)]
)
def test_the_window_is_half_open(when: str, fits: bool) -> None:
    assert isinstance(attempt(agreed(), "execute", when, DAN), list) is fits


def test_a_window_that_ends_before_it_starts() -> None:
    found = attempt(working(), "draft", "06-01 09:00", script="s", window_start=END, window_end=START)
    assert why(found) == "backwards"


def test_a_checklist_and_an_attachment_are_needed_to_close() -> None:
    h = take(working(), "resolve", "06-01 09:00", cause="x")
    assert why(attempt(h, "close", "06-01 10:00", steps=["a"])) == "unchecked"
    assert why(attempt(h, "close", "06-01 10:00", steps=["a", "b"])) == "attachments"
    file = Event(h[-1].seq + 1, "attach", at("06-01 09:30"), at("06-01 09:30"), 1, "安", {"file": 1})
    assert isinstance(attempt([*h, file], "close", "06-01 10:00", steps=["a", "b"]), list)


def test_a_month_ahead() -> None:
    assert why(attempt(working(), "leave", "06-01 09:00", leave_on="2026-06-30")) == "not_ahead"
    assert isinstance(attempt(working(), "leave", "06-01 09:00", leave_on="2026-07-01"), list)
    assert months_later(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert local_day(at("06-01 00:30")) == date(2026, 6, 1)


def test_what_lies_in_the_future_or_before_the_opening() -> None:
    assert why(attempt(working(), "resolve", "06-01 12:00", entered="06-01 11:00", cause="x")) == "future"
    assert why(attempt(working(), "resolve", "06-01 07:00", entered="06-01 11:00", cause="x")) == "too_early"


def test_a_late_entry_folds_where_it_belongs() -> None:
    h = take(opened("06-01 08:00"), "accept", "06-01 08:05", entered="06-01 09:00")
    late = take(h, "relevel", "06-01 08:30", entered="06-01 12:00", level="L3", why="补记")
    assert fold(late).data["level"] == "L3"
    h = take(h, "resolve", "06-01 10:00", cause="x")
    assert why(attempt(h, "resolve", "06-01 09:00", entered="06-01 12:00", cause="y")) == "order"


def test_a_repeated_key_does_nothing() -> None:
    h = take(opened("06-01 08:00"), "accept", "06-01 08:05", key="k1")
    assert attempt(h, "accept", "06-01 08:06", key="k1") == []


def test_a_field_that_was_not_asked_for_is_refused() -> None:
    assert why(attempt(opened("06-01 08:00"), "accept", "06-01 09:00", level="L1")) == "not_asked"


def test_what_is_offered_follows_role_and_state() -> None:
    case = fold(opened("06-01 08:00"))
    assert [t.code for t in offered(KIND, case, ANN.roles)] == ["accept", "relevel"]
    assert offered(KIND, case, frozenset()) == []


PEOPLE = [ANN, BEN, CAI, CUSTOMER, DAN, Actor(None, "平台")]
FORMS: list[dict[str, object]] = [
    {"level": "L1", "why": "因为", "cause": "x", "script": "a", "window_start": START, "window_end": END},
    {"level": "L9", "script": "b", "window_start": END, "window_end": START, "steps": ["a", "b"]},
    {"wait_reason": "wait_requester", "wait_evidence": "电话", "why": "因为", "cause": "", "steps": ["a"]},
    {"wait_reason": "wait_vendor", "wait_evidence": "电话", "leave_on": "2026-12-01", "cause": "y"},
]
STEPS = sorted(KIND.transitions)
TRIES = st.tuples(
    st.sampled_from(STEPS), st.sampled_from(PEOPLE), st.sampled_from(FORMS), st.integers(-10, 900)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(TRIES, max_size=12))
def test_whatever_is_tried_leaves_a_history_that_folds(
    tries: list[tuple[str, Actor, dict[str, object], int]],
) -> None:
    h = opened("06-01 08:00")
    for step, who, values, minutes in tries:
        asked = {a.code for a in KIND.transitions[step].asks}
        form = {name: value for name, value in values.items() if name in asked}
        when = at("06-01 08:00") + 60 * minutes
        before = fold(h)
        found = decide(KIND, h, step, who, form, at=when, entered_at=at("06-01 23:00"))
        h = [*h, *found] if isinstance(found, list) else h
        after = fold(h)
        assert after.state in KIND.states
        assert [e.seq for e in h] == list(range(1, len(h) + 1))
        assert fold(list(reversed(h))) == after, "the order of reading does not matter"
        assert isinstance(found, list) or (found.what and after == before)
