"""Maintenance that comes back: each rule against days read off a calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput, Interval
from taxops.engines.checks import Repeat, RepeatKind, parse_repeat
from taxops.engines.worktime import shipped_legal_days

LEGAL = shipped_legal_days()
ALWAYS = Interval(datetime(2020, 1, 1, tzinfo=CHINA), datetime(2030, 1, 1, tzinfo=CHINA))


def month(year: int, number: int) -> Interval:
    first = datetime(year, number, 1, tzinfo=CHINA)
    return Interval(first, (first + timedelta(days=32)).replace(day=1))


def days(rule: dict[str, object], horizon: Interval, valid: Interval = ALWAYS) -> list[str]:
    made = parse_repeat({"start": "22:00", "minutes": 120, **rule})
    return [t.start.astimezone(CHINA).strftime("%m-%d") for t in made.times(horizon, valid, LEGAL)]


@pytest.mark.parametrize(
    ("rule", "horizon", "expected"),
    [
        ({"kind": "weekly", "weekdays": [6]}, month(2026, 6), ["06-06", "06-13", "06-20", "06-27"]),
        ({"kind": "nth_weekday", "weekdays": [2], "n": 2}, month(2026, 6), ["06-09"]),
        ({"kind": "nth_weekday", "weekdays": [6], "n": -1}, month(2026, 6), ["06-27"]),
        ({"kind": "nth_weekday", "weekdays": [3], "n": 5}, month(2026, 6), []),
        ({"kind": "month_day", "n": 31}, month(2026, 6), []),
        ({"kind": "last_working", "n": 1}, month(2026, 9), ["09-30"]),
        ({"kind": "first_working", "n": 1}, month(2026, 10), ["10-08"]),
        ({"kind": "last_working", "n": 2}, month(2026, 2), ["02-27"]),
        ({"kind": "after_levy"}, month(2025, 10), ["10-28"]),
    ],
)
def test_a_rule_has_the_days_of_the_calendar(
    rule: dict[str, object], horizon: Interval, expected: list[str]
) -> None:
    assert days(rule, horizon) == expected


def test_the_levy_period_and_the_rest_make_the_month() -> None:
    inside = days({"kind": "in_levy"}, month(2025, 10))
    outside = days({"kind": "outside_levy"}, month(2025, 10))
    assert (inside[0], inside[-1], outside[0], len(inside) + len(outside)) == ("10-01", "10-27", "10-28", 31)


def test_a_time_that_reaches_over_midnight_belongs_to_both_days() -> None:
    rule = parse_repeat({"kind": "weekly", "weekdays": [6], "start": "23:00", "minutes": 120})
    sunday = datetime(2026, 6, 7, tzinfo=CHINA)
    found = rule.times(Interval(sunday, sunday + timedelta(hours=1)), ALWAYS, LEGAL)
    assert [t.start.hour for t in found] == [23]
    assert not rule.times(Interval(sunday + timedelta(hours=1), sunday + timedelta(hours=2)), ALWAYS, LEGAL)


def test_only_times_that_begin_while_the_rule_holds_are_meant() -> None:
    valid = Interval(datetime(2026, 6, 7, tzinfo=CHINA), datetime(2026, 6, 20, 22, tzinfo=CHINA))
    assert days({"kind": "weekly", "weekdays": [6]}, month(2026, 6), valid) == ["06-13"]


def test_a_year_without_its_notice_has_no_times_and_is_named() -> None:
    horizon = month(2031, 1)
    rule = parse_repeat({"kind": "last_working", "start": "01:00", "minutes": 60, "n": 1})
    valid = Interval(ALWAYS.start, datetime(2035, 1, 1, tzinfo=CHINA))
    assert rule.times(horizon, valid, LEGAL) == []
    assert rule.unknown_years(horizon, LEGAL) == [2031]
    weekly = Repeat(RepeatKind.WEEKLY, 0, 60, (1,))
    assert weekly.unknown_years(horizon, LEGAL) == []
    assert len(weekly.times(horizon, valid, LEGAL)) == 4


@given(
    kind=st.sampled_from(list(RepeatKind)),
    weekday=st.integers(1, 7),
    n=st.integers(1, 5),
    start=st.integers(0, 1439),
    length=st.integers(1, 3000),
    begin=st.integers(0, 300),
    span=st.integers(1, 40),
)
def test_a_part_of_a_horizon_has_exactly_the_times_that_touch_it(
    kind: RepeatKind, weekday: int, n: int, start: int, length: int, begin: int, span: int
) -> None:
    rule = Repeat(kind, start, length, (weekday,), n)
    year = Interval(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    part_start = datetime(2025, 2, 1, tzinfo=CHINA) + timedelta(days=begin, hours=5)
    part = Interval(part_start, part_start + timedelta(days=span))
    whole = rule.times(year, ALWAYS, LEGAL)
    assert rule.times(part, ALWAYS, LEGAL) == [t for t in whole if t.start < part.end and t.end > part.start]
    assert parse_repeat(rule.data()).data() == parse_repeat(parse_repeat(rule.data()).data()).data()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("x", "kind"),
        ({"kind": "yearly"}, "kind"),
        ({"kind": "daily", "start": "24:00", "minutes": 60}, "start"),
        ({"kind": "daily", "start": "01:00", "minutes": 0}, "minutes"),
        ({"kind": "daily", "start": "01:00", "minutes": True}, "minutes"),
        ({"kind": "weekly", "start": "01:00", "minutes": 60, "weekdays": []}, "weekdays"),
        ({"kind": "weekly", "start": "01:00", "minutes": 60, "weekdays": [8]}, "weekdays"),
        ({"kind": "nth_weekday", "start": "01:00", "minutes": 60, "weekdays": [1, 2], "n": 1}, "weekdays"),
        ({"kind": "nth_weekday", "start": "01:00", "minutes": 60, "weekdays": [1], "n": 0}, "n"),
        ({"kind": "month_day", "start": "01:00", "minutes": 60, "n": 32}, "n"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_part(data: object, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_repeat(data)
    assert caught.value.field == field


def test_a_rule_says_itself() -> None:
    rule = parse_repeat({"kind": "nth_weekday", "weekdays": [6], "n": -1, "start": "22:30", "minutes": 90})
    assert rule.words() == "每月最后一个星期六 22:30 起 1 小时 30 分"
