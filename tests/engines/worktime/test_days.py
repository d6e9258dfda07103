"""The legal table agrees with its seed, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from taxops.engines.worktime import DayClass, shipped_legal_days


@pytest.mark.parametrize("year", [2004, 2008, 2020, 2024, 2025, 2026])
def test_every_day_of_the_year_agrees_with_the_seed(year: int) -> None:
    legal, day = shipped_legal_days(), date(year, 1, 1)
    while day.year == year:
        assert (legal.day_class(day) is DayClass.WORKING) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_make_up_days_of_2026_are_worked() -> None:
    named = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    legal = shipped_legal_days()
    assert all(legal.day_class(date.fromisoformat(f"2026-{d}")) is DayClass.WORKING for d in named)
