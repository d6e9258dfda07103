"""Clocks of cases agree with the worked examples and with a slow reference that walks minute by minute."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.cases import Event, Face, escalations, faces
from taxops.engines.worktime import WorkCalendar, shipped

from .sample import BEN, KIND, at, attempt, calendars, opened, take


def resolve_at(history: list[Event], when: str) -> Face:
    return next(f for f in faces(KIND, history, calendars, at(when)) if f.code == "resolve")


@pytest.mark.parametrize(
    ("when", "breached"),
    [("06-01 15:29:59", False), ("06-01 15:30:00", True)],
    ids=["B1 solved a second before", "B2 solved exactly at a strict limit"],
)
def test_a_strict_limit_is_broken_when_it_is_reached(when: str, breached: bool) -> None:
    h = take(opened("06-01 11:00"), "accept", "06-01 11:01")
    h = take(h, "resolve", when, cause="磁盘满")
    assert resolve_at(h, "06-03 10:00").breached is breached


def test_a_pause_over_lunch_leaves_only_open_time(  # B3
) -> None:
    h = take(opened("06-01 11:00"), "accept", "06-01 11:00")
    h = take(h, "wait", "06-01 11:30", wait_reason="wait_requester", wait_evidence="电话")
    h = take(h, "continue", "06-01 16:00")
    found = resolve_at(h, "06-01 16:10")
    assert (found.elapsed_seconds, found.deadline) == (40 * 60, at("06-01 17:30"))


def test_a_pause_over_closed_hours_moves_nothing() -> None:  # B4
    h = take(opened("06-01 21:00"), "accept", "06-01 21:00")
    h = take(h, "wait", "06-01 22:00", wait_reason="wait_requester", wait_evidence="电话")
    h = take(h, "continue", "06-02 07:30")
    assert resolve_at(h, "06-02 07:30").deadline == at("06-02 08:30")


def test_a_paused_clock_shows_no_deadline_and_breaks_nothing() -> None:  # B6
    h = take(opened("06-01 11:00"), "accept", "06-01 11:00")
    h = take(h, "wait", "06-01 11:30", wait_reason="wait_requester", wait_evidence="电话")
    found = resolve_at(h, "06-05 11:00")
    assert (found.deadline, found.breached, found.tone, found.paused_for) == (
        None, False, "paused", "wait_requester",
    )  # fmt: skip


def test_a_reason_that_is_not_listed_does_not_pause() -> None:  # B12
    h = take(opened("06-01 08:00"), "accept", "06-01 08:00")
    h = take(h, "wait", "06-01 08:10", wait_reason="lunch", wait_evidence="无")
    assert resolve_at(h, "06-01 09:00").elapsed_seconds == 3600


def test_levelling_up_keeps_what_has_elapsed() -> None:  # B7
    h = take(opened("06-01 11:00", "L3"), "accept", "06-01 11:00")
    h = take(h, "relevel", "06-01 14:30", level="L2", why="影响扩大")
    found = resolve_at(h, "06-01 14:40")
    assert (found.elapsed_seconds, found.target_seconds, found.deadline) == (70 * 60, 7200, at("06-01 15:30"))


def test_levelling_up_late_breaks_the_limit_at_once_and_for_ever() -> None:  # B8
    h = take(opened("06-01 11:00", "L3"), "accept", "06-01 11:00")
    h = take(h, "relevel", "06-01 16:30", level="L2", why="影响扩大")
    assert resolve_at(h, "06-01 16:31").breached
    h = take(h, "relevel", "06-01 16:40", level="L3", why="改回")
    assert resolve_at(h, "06-01 16:41").breached


def test_a_new_calendar_keeps_what_the_old_one_counted() -> None:
    h = take(opened("06-01 21:50", "L3"), "accept", "06-01 21:50")
    h = take(h, "relevel", "06-01 23:00", level="L1", why="全省不能用")
    found = resolve_at(h, "06-01 23:05")
    assert (found.elapsed_seconds, found.calendar, found.deadline) == (15 * 60, "always", at("06-01 23:20"))
    assert resolve_at(h, "06-01 23:20").breached is False
    assert resolve_at(h, "06-01 23:20:01").breached is True


def test_a_reopened_case_goes_on_with_its_clock() -> None:  # B9
    h = take(opened("06-01 20:00"), "accept", "06-01 20:00")
    h = take(h, "resolve", "06-01 21:00", cause="x")
    h = take(h, "reopen", "06-02 07:30", why="又出现")
    found = resolve_at(h, "06-02 08:00")
    assert (found.elapsed_seconds, found.deadline) == (90 * 60, at("06-02 08:30"))


def test_thirty_minutes_by_night() -> None:  # B10, B11
    h = take(opened("06-01 23:50", "L1"), "accept", "06-01 23:55")
    assert resolve_at(take(h, "resolve", "06-02 00:20", cause="x"), "06-03 00:00").breached is False
    assert resolve_at(take(h, "resolve", "06-02 00:20:01", cause="x"), "06-03 00:00").breached is True


def test_an_approved_deadline_replaces_the_target() -> None:
    h = take(opened("06-01 11:00"), "accept", "06-01 11:00")
    h = take(h, "allow", "06-01 11:30", BEN, clock="resolve", deadline_at=at("06-03 10:00"))
    assert resolve_at(h, "06-02 12:00").deadline == at("06-03 10:00")
    assert resolve_at(h, "06-02 12:00").breached is False


def test_a_pause_entered_afterwards_counts_from_when_it_was() -> None:
    h = take(opened("06-01 15:00"), "accept", "06-01 15:00")
    h = take(h, "resolve", "06-01 17:30", cause="x")
    assert resolve_at(h, "06-02 10:00").breached is True
    h = take(
        h, "correct", "06-02 09:00", BEN, clock="resolve",
        pause_from=at("06-01 15:30"), pause_to=at("06-01 16:30"),
    )  # fmt: skip
    found = resolve_at(h, "06-02 10:00")
    assert (found.breached, found.elapsed_seconds) == (False, 90 * 60)


def test_three_working_days_over_the_national_day() -> None:  # A15
    h = take(opened("09-30 15:00"), "accept", "09-30 15:01")
    h = take(h, "resolve", "09-30 16:00", cause="x")
    report = next(f for f in faces(KIND, h, calendars, at("10-08 09:00")) if f.code == "report")
    assert report.deadline == at("10-11 00:00")


def test_three_working_days_begin_tomorrow_even_when_it_is_late_today() -> None:
    h = take(opened("06-01 15:00"), "accept", "06-01 15:01")
    h = take(h, "resolve", "06-01 23:59:59", cause="x")
    report = next(f for f in faces(KIND, h, calendars, at("06-01 23:59:59")) if f.code == "report")
    assert report.deadline == at("06-05 00:00")


def test_a_calendar_without_next_year_is_said_and_stops_nothing() -> None:
    def without_2027(name: str) -> WorkCalendar:
        return shipped(name)

    h = take(opened("12-30 15:00"), "accept", "12-30 15:01")
    h = take(h, "resolve", "12-30 16:00", cause="x")
    found = {f.code: f for f in faces(KIND, h, without_2027, at("12-31 09:00"))}
    assert found["resolve"].elapsed_seconds == 3600
    assert found["report"].tone == "unknown"
    assert "2027" in found["report"].problem
    assert [d.clock for d in escalations(KIND, h, without_2027, at("12-31 09:00"))] == ["resolve"]


def test_escalation_falls_on_parts_of_the_working_time() -> None:
    h = opened("06-01 11:30")
    assert [(d.percent, d.at) for d in escalations(KIND, h, calendars, at("06-01 11:31"))] == [
        (50, at("06-01 15:00")),
        (100, at("06-01 16:00")),
    ]


def test_a_waiting_case_reaches_no_further_rung() -> None:
    h = take(opened("06-01 08:00"), "accept", "06-01 08:00")
    h = take(h, "wait", "06-01 08:30", wait_reason="wait_requester", wait_evidence="电话")
    assert escalations(KIND, h, calendars, at("06-03 08:30")) == []


def _walk(history: list[Event], now: int) -> int:
    """The slow reference: minute by minute, is the case waiting, is the calendar open."""
    calendar, total = shipped("onsite7x12"), 0
    moves = [(e.at, e.data) for e in history if e.kind == "move"]
    for minute in range(history[0].at, now, 60):
        state, stopped = "new", False
        for when, said in moves:
            if when <= minute:
                state = said["to"]
                stopped = said["step"] == "resolve" or (stopped and said["step"] != "reopen")
        if state not in ("waiting", "closed") and not stopped and calendar.is_open(minute):
            total += 60
    return total


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3 * 1440), st.sampled_from(["accept", "wait", "continue", "resolve", "reopen"])
        ),
        max_size=9,
    ),
    st.integers(0, 4 * 1440),
)
def test_any_history_agrees_with_walking(steps: list[tuple[int, str]], minutes: int) -> None:
    h = opened("06-01 07:00")
    start = h[0].at
    forms = {
        "wait": {"wait_reason": "wait_requester", "wait_evidence": "电话"},
        "resolve": {"cause": "x"},
        "reopen": {"why": "x"},
    }
    from taxops.engines.cases import decide

    from .sample import ANN

    for offset, step in sorted(steps):
        found = decide(
            KIND, h, step, ANN, forms.get(step, {}), at=start + offset * 60, entered_at=start + offset * 60
        )
        if isinstance(found, list):
            h = [*h, *found]
    now = start + minutes * 60
    seen = [e for e in h if e.at <= now]
    clock = next(f for f in faces(KIND, seen, calendars, now) if f.code == "resolve")
    assert clock.elapsed_seconds == _walk(seen, now)


def test_a_correction_backwards_is_refused() -> None:
    h = take(opened("06-01 15:00"), "accept", "06-01 15:00")
    refused = attempt(
        h,
        "correct",
        "06-01 16:00",
        BEN,
        clock="resolve",
        pause_from=at("06-01 15:40"),
        pause_to=at("06-01 15:30"),
    )
    assert not isinstance(refused, list)
    assert refused.code == "backwards"
