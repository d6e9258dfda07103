"""Bands against the same class of day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput
from taxops.engines.checks import (
    BandDay,
    BandPoint,
    BandRule,
    BandVerdict,
    band,
    band_day,
    parse_bands,
    slots_wanted,
)
from taxops.engines.worktime import shipped_legal_days

LEGAL = shipped_legal_days()
NOON = datetime(2026, 6, 25, 12, 2, tzinfo=CHINA)  # a Thursday, outside the levy period


def history(values: dict[date, float], at: datetime = NOON) -> list[BandPoint]:
    slot = int(at.timestamp()) // 300
    return [BandPoint(slot - (at.date() - day).days * 288, value) for day, value in values.items()]


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 6, 25), BandDay.WORKING),
        (date(2026, 6, 10), BandDay.LEVY),
        (date(2026, 6, 20), BandDay.REST),
        (date(2026, 6, 13), BandDay.REST),  # a Saturday in the levy period is a day of rest
        (date(2026, 9, 20), BandDay.WORKING),  # a Sunday that is worked
        (date(2031, 1, 5), None),
    ],
)
def test_a_day_has_its_class(day: date, expected: BandDay | None) -> None:
    assert band_day(day, LEGAL) is expected


def test_only_days_of_the_same_class_count() -> None:
    # 400 on working days outside the levy period, 9,000 in it, 10 on days of rest
    usual = {
        day: {BandDay.WORKING: 400.0 + day.day, BandDay.LEVY: 9000.0, BandDay.REST: 10.0}[
            band_day(day, LEGAL)
        ]  # type: ignore[index]
        for day in days(date(2026, 5, 28), 28)
    }
    found = band(BandRule("n"), NOON, 410, history(usual), LEGAL)
    assert (found.verdict, found.day) == (BandVerdict.INSIDE, BandDay.WORKING)
    assert found.days == sum(band_day(day, LEGAL) is BandDay.WORKING for day in usual)
    assert band(BandRule("n"), NOON, 9000, history(usual), LEGAL).verdict is BandVerdict.HIGH
    assert band(BandRule("n"), NOON, 10, history(usual), LEGAL).verdict is BandVerdict.LOW
    assert band(BandRule("n", low=False), NOON, 10, history(usual), LEGAL).verdict is BandVerdict.INSIDE


def test_too_little_history_is_its_own_verdict_and_says_how_much_there_is() -> None:
    few = history({date(2026, 6, 24): 5, date(2026, 6, 23): 5, date(2026, 6, 22): 5})
    found = band(BandRule("n"), NOON, 1e9, few, LEGAL)
    assert found.verdict is BandVerdict.NO_HISTORY
    assert "只有 3 天的数据" in found.words()
    unknown = datetime(2031, 1, 6, 12, tzinfo=CHINA)
    assert band(BandRule("n"), unknown, 1, few, LEGAL).verdict is BandVerdict.NO_HISTORY


def test_another_time_of_day_does_not_count() -> None:
    morning = history(dict.fromkeys(days(date(2026, 5, 28), 28), 5.0), NOON - timedelta(hours=3))
    assert band(BandRule("n"), NOON, 5, morning, LEGAL).points == 0


def test_a_band_explains_itself() -> None:
    usual = history(dict.fromkeys(days(date(2026, 5, 28), 28), 100.0))
    said = band(BandRule("n"), NOON, 150, usual, LEGAL).words()
    assert said.startswith("当前 150，偏高；同类日（工作日）同一时刻")
    assert "中位数 100，区间 90 至 110" in said


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(-1, 1), st.floats(0, 1e6)), max_size=40),
    st.floats(0, 1e6),
    st.integers(1, 6),
)
def test_points_are_those_of_the_slots_wanted(
    found: list[tuple[int, int, float]], value: float, weeks: int
) -> None:
    rule = BandRule("n", weeks=weeks)
    slot = int(NOON.timestamp()) // 300
    points = [BandPoint(slot - day * 288 + near, value) for day, near, value in found]
    wanted = set(slots_wanted(rule, NOON))
    inside = [point for point in points if point.slot in wanted]
    whole, part = (band(rule, NOON, value, some, LEGAL) for some in (points, inside))
    assert whole == part
    if whole.least is not None and whole.most is not None and whole.middle is not None:
        assert whole.least <= whole.middle <= whole.most
        assert (whole.verdict is BandVerdict.INSIDE) is (whole.least <= value <= whole.most)


@pytest.mark.parametrize(
    "data",
    [
        "x",
        [1],
        [{"metric": ""}],
        [{"metric": "a", "weeks": 0}],
        [{"metric": "a", "weeks": 2.5}],
        [{"metric": "a", "width": -1}],
        [{"metric": "a", "width": "4"}],
        [{"metric": "a", "high": False, "low": False}],
        [{"metric": "a"}, {"metric": "a"}],
        [{"metric": str(n)} for n in range(11)],
    ],
)
def test_what_is_no_band_is_refused(data: object) -> None:
    with pytest.raises(BadInput):
        parse_bands(data)
    assert parse_bands(None) == []
    assert parse_bands([BandRule("a").data()]) == [BandRule("a")]
