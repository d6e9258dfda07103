"""Clocks that begin anew after a fault comes back, that nobody's taking stops, that have their own ladder."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.cases import Actor, Event, Face, Refused, decide, escalations, faces, open_case, read_type

from .sample import ANN, BEN, CUSTOMER, TEXT, at, calendars

OWN = """
[[clock]]
code = "taken"
label = "接手时限"
start = ["open"]
stop = ["accept", "pick_up"]
from_entry = true
inner = true
[[clock.rule]]
when = { level = ["L1"] }
target = "5m"
calendar = "always"
[[clock.ladder]]
percent = 200
to = "lead"
[[clock.ladder]]
percent = 100
to = "second"
"""
KIND = read_type(
    TEXT.replace("begins_next_day = true\n", 'begins_next_day = true\nrenew = ["reopen"]\n') + OWN, "own.toml"
)


def opened(when: str, level: str = "L1", entered: str = "") -> list[Event]:
    form = {"title": "不能受理", "level": level}
    found = open_case(KIND, CUSTOMER, form, at=at(when), entered_at=at(entered or when))
    assert not isinstance(found, Refused), found
    return found


def take(history: list[Event], step: str, when: str, actor: Actor = ANN, **data: object) -> list[Event]:
    found = decide(KIND, history, step, actor, data, at=at(when), entered_at=at(when))
    assert not isinstance(found, Refused), found
    return [*history, *found]


def assigned(history: list[Event], when: str, to: int | None, by: Actor) -> list[Event]:
    said = {"to": to, "queue": "line1", "reason": ""}
    return [*history, Event(len(history) + 1, "assign", at(when), at(when), by.id, by.name, said)]


def clock(history: list[Event], code: str, when: str) -> Face:
    return next(f for f in faces(KIND, history, calendars, at(when)) if f.code == code)


def rungs(history: list[Event], when: str) -> list[tuple[str, int, str, int]]:
    found = escalations(KIND, history, calendars, at(when))
    return [(d.clock, d.percent, d.to, d.at) for d in found if d.clock == "taken"]


def test_nobody_took_it_for_five_minutes_and_for_ten() -> None:
    h = opened("06-01 23:00")
    assert rungs(h, "06-01 23:01") == [
        ("taken", 100, "second", at("06-01 23:05")),
        ("taken", 200, "lead", at("06-01 23:10")),
    ]
    found = clock(h, "taken", "06-01 23:06")
    assert (found.breached, found.inner) == (True, True)


def test_what_is_entered_late_counts_from_its_entry() -> None:
    h = opened("06-01 22:00", entered="06-01 23:00")
    assert [r[3] for r in rungs(h, "06-01 23:01")] == [at("06-01 23:05"), at("06-01 23:10")]
    assert clock(h, "resolve", "06-01 23:01").elapsed_seconds == 61 * 60, "the contract's clock does not"


@pytest.mark.parametrize("how", ["accept", "pick_up"])
def test_whoever_takes_it_silences_the_ladder(how: str) -> None:
    h = opened("06-01 23:00")
    late = "06-01 23:05:30"
    h = take(h, "accept", late) if how == "accept" else assigned(h, late, ANN.id, ANN)
    assert clock(h, "taken", "06-01 23:40").elapsed_seconds == 330
    assert rungs(h, "06-01 23:40") == [], "the first rung was due, but it is no longer true"


def test_being_given_to_somebody_is_not_taking_it() -> None:
    h = assigned(opened("06-01 23:00"), "06-01 23:01", ANN.id, BEN)
    assert len(rungs(h, "06-01 23:02")) == 2


def test_a_small_matter_wakes_nobody() -> None:
    assert rungs(opened("06-01 23:00", "L3"), "06-02 08:00") == []


def test_three_days_begin_anew_after_the_last_recovery() -> None:
    h = take(opened("06-01 09:00", "L2"), "accept", "06-01 09:01")
    h = take(h, "resolve", "06-01 16:00", cause="x")
    assert clock(h, "report", "06-02 12:00").deadline == at("06-05 00:00")
    h = take(h, "reopen", "06-02 12:00", why="又坏了")
    found = clock(h, "report", "06-04 12:00")
    assert (found.state.value, found.elapsed_seconds, found.deadline) == ("stopped", 12 * 3600, None)
    h = take(h, "resolve", "06-04 15:00", cause="y")
    found = clock(h, "report", "06-05 06:00")
    assert (found.elapsed_seconds, found.deadline) == (6 * 3600, at("06-10 00:00")), "5, 8 and 9 June"


def test_coming_back_the_same_day_leaves_nothing_of_the_first() -> None:
    h = take(opened("06-01 09:00", "L2"), "accept", "06-01 09:01")
    h = take(h, "resolve", "06-01 10:00", cause="x")
    h = take(h, "reopen", "06-01 10:30", why="又坏了")
    h = take(h, "resolve", "06-01 11:00", cause="y")
    found = clock(h, "report", "06-02 08:00")
    assert (found.elapsed_seconds, found.deadline, found.breached) == (8 * 3600, at("06-05 00:00"), False)


def test_a_report_that_was_late_stays_late() -> None:
    h = take(opened("06-01 09:00", "L2"), "accept", "06-01 09:01")
    h = take(h, "resolve", "06-01 10:00", cause="x")
    h = take(h, "reopen", "06-05 00:00:01", why="又坏了")
    h = take(h, "resolve", "06-05 11:00", cause="y")
    found = clock(h, "report", "06-08 08:00")
    assert (found.breached, found.deadline) == (True, at("06-11 00:00"))


@pytest.mark.parametrize("wrong", ['renew = ["dance"]', 'renew = "reopen"', "inner = 1"])
def test_a_wrong_file_says_where(wrong: str) -> None:
    with pytest.raises(BadInput, match="clock"):
        read_type(TEXT + OWN.replace("inner = true", wrong), "x.toml")
