"""Important periods on working calendars: the worked examples at their borders, and a slow walk as a check."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import parse_instant
from taxops.engines.worktime import shipped
from taxops.systems.operations.roster.rules import Special, lengthened

pytestmark = pytest.mark.same_everywhere
LONG_AGO = date(2026, 1, 1)


def at(text: str) -> int:
    return int(parse_instant(f"2026-{text}").timestamp())


def special(first: str, last: str, hours: str = "always", entered: str = "", cancelled: str = "") -> Special:
    def day(text: str) -> date:
        return date.fromisoformat(f"2026-{text}")

    return Special(
        day(first),
        day(last),
        hours,
        day(entered) if entered else LONG_AGO,
        day(cancelled) if cancelled else None,
    )


JULY = special("07-10", "07-15")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param("07-10 23:00", "07-11 01:00", id="A9 inside"),
        pytest.param("07-09 21:30", "07-10 01:30", id="A10 entering at midnight"),
        pytest.param("07-15 23:30", "07-16 09:00", id="A11 leaving"),
        pytest.param("07-15 22:00", "07-16 00:00", id="its last second counts"),
        pytest.param("07-09 22:00", "07-10 02:00", id="its first second counts"),
        pytest.param("07-16 00:00", "07-16 09:30", id="the day after has its lunch and night again"),
    ],
)
def test_two_hours_around_its_borders(start: str, due: str) -> None:
    assert lengthened("onsite7x12", [JULY]).add(at(start), 7200) == at(due)


def test_natural_time_and_the_laws_days_stay() -> None:
    for name in ("always", "legal_working_days"):
        assert lengthened(name, [JULY]) is shipped(name)
    assert lengthened("onsite7x12", []) is shipped("onsite7x12")


def test_shorter_hours_shorten_nothing_and_the_longest_wins() -> None:
    office = special("07-10", "07-15", "office5x8")
    assert lengthened("onsite7x12", [office]) is shipped("onsite7x12")
    both = lengthened(
        "office5x8", [special("07-10", "07-15", "onsite7x12"), special("07-15", "07-20"), office]
    )
    hours = [
        both.measure(at(f"07-{day:02} 00:00"), at(f"07-{day + 1:02} 00:00")) / 3600
        for day in (9, 11, 14, 15, 20)
    ]
    assert hours == [8, 12, 12, 24, 24], "Saturday the 11th too"


@pytest.mark.parametrize(
    ("entered", "cancelled", "counted"),
    [
        ("07-12", "", [12, 13, 14, 15]),
        ("", "07-12", [10, 11]),
        ("07-12", "07-13", [12]),
        ("07-12", "07-12", []),
    ],
    ids=["entered late", "called off", "both", "a mistake of one day"],
)
def test_days_that_are_past_never_change(entered: str, cancelled: str, counted: list[int]) -> None:
    calendar = lengthened("onsite7x12", [special("07-10", "07-15", entered=entered, cancelled=cancelled)])
    whole = [
        d
        for d in range(9, 17)
        if calendar.measure(at(f"07-{d:02} 00:00"), at(f"07-{d + 1:02} 00:00")) == 86400
    ]
    assert whole == counted


def test_an_unknown_year_is_said_by_the_calendar_and_by_nothing_else() -> None:
    far = Special(date(2026, 12, 30), date(2027, 1, 3), "office5x8", LONG_AGO)
    assert lengthened("onsite7x12", [far]).is_open(at("12-31 10:00"))
    lengthened("office5x8", [far])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 5), st.sampled_from(["always", "onsite7x12", "office5x8"])),
        max_size=4,
    ),
    st.integers(0, 20 * 48), st.integers(0, 6 * 48), st.sampled_from(["onsite7x12", "office5x8"]),
)  # fmt: skip
def test_it_measures_what_a_walk_by_half_hours_finds(
    rows: list[tuple[int, int, str]], start: int, length: int, name: str
) -> None:
    first = date(2026, 9, 20)
    specials = [
        Special(first + timedelta(days=a), first + timedelta(days=a + n), h, LONG_AGO) for a, n, h in rows
    ]
    midnight = at("09-20 00:00")
    begin, end = midnight + start * 1800, midnight + (start + length) * 1800
    walked = 0
    for moment in range(begin, end, 1800):
        day = first + timedelta(days=(moment - midnight) // 86400)
        names = [name, *(s.hours for s in specials if s.first_on <= day <= s.last_on)]
        # the shipped hours lie within one another, so the longest is open whenever any of them is
        walked += 1800 if any(shipped(n).is_open(moment) for n in _by_length(names, day)[:1]) else 0
    assert lengthened(name, specials).measure(begin, end) == walked


def _by_length(names: list[str], day: date) -> list[str]:
    return sorted(names, key=lambda n: -sum(b - a for a, b in shipped(n).windows(day)))
