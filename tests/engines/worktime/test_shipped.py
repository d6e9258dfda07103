"""Shipped calendars have the hours of the contracts."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.engines.worktime import calendar_from_json, shipped

HOURS = {"onsite7x12": (12, 12), "always": (24, 24), "office5x8": (8, 0), "legal_working_days": (24, 0)}


@pytest.mark.parametrize("name", HOURS)
def test_hours_of_a_working_day_and_of_a_sunday(name: str) -> None:
    found = [
        sum(b - a for a, b in shipped(name).windows(d)) / 3600 for d in (date(2026, 6, 1), date(2026, 6, 7))
    ]
    assert tuple(found) == HOURS[name]


def test_a_year_in_the_file_adds_to_the_shipped_table() -> None:
    own = {
        "windows": {"working": ["09:00-17:00"], "rest": []},
        "days": {"2027": {"rest": ["01-01"], "work": ["01-02"]}},
    }
    calendar = calendar_from_json(own)
    assert calendar.windows(date(2027, 1, 1)) == ()
    assert calendar.windows(date(2027, 1, 2)) == ((32400, 61200),)
    assert calendar.windows(date(2026, 10, 10)) == ((32400, 61200),)
