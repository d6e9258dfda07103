"""When a period is due: worked examples, and never twice or never."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.indicators import Grain, Period
from taxops.engines.worktime import levy_last_day, shipped_legal_days
from taxops.systems.quality5c.timing import queries
from taxops.systems.quality5c.timing.rules import cut_day, holding, newest_due, next_due

pytestmark = pytest.mark.same_everywhere


def usual(year: int, month: int) -> date:
    return date(year, month, 15)


@pytest.mark.parametrize(
    ("today", "grain", "lag", "newest", "then", "day"),
    [
        ("2025-08-03", "month", 20, "2025-05", "2025-06", "2025-08-04"),
        ("2025-08-04", "month", 20, "2025-06", "2025-07", "2025-09-04"),
        ("2025-01-15", "month", 0, "2024-12", "2025-01", "2025-02-15"),
        ("2025-08-04", "quarter", 20, "2025Q2", "2025Q3", "2025-11-04"),
        ("2025-08-03", "quarter", 20, "2025Q1", "2025Q2", "2025-08-04"),
        ("2025-02-03", "year", 20, "2023", "2024", "2025-02-04"),
        ("2025-04-15", "month", 90, "2024-12", "2025-01", "2025-05-16"),
    ],
)
def test_worked_examples(today: str, grain: str, lag: int, newest: str, then: str, day: str) -> None:
    when, kind = date.fromisoformat(today), Grain(grain)
    assert str(newest_due(when, kind, lag, usual).period) == newest
    found = next_due(when, kind, lag, usual)
    assert (str(found.period), str(found.day)) == (then, day)


@settings(max_examples=60)
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(list(Grain)), st.integers(0, 90))
def test_a_period_is_due_from_its_day_on_until_the_next_one_is(today: date, grain: Grain, lag: int) -> None:
    now, then = newest_due(today, grain, lag, usual), next_due(today, grain, lag, usual)
    assert now.day <= today < then.day
    assert now.period.next == then.period.first
    assert newest_due(then.day, grain, lag, usual).period == then.period
    assert newest_due(then.day - timedelta(days=1), grain, lag, usual).period == now.period
    assert holding(today, grain).first <= today <= holding(today, grain).last


def test_the_levy_period_of_the_law_moves_the_day() -> None:
    """October 2025 ends on the 27th: the holidays of eight days extend it."""
    assert levy_last_day(2025, 10, shipped_legal_days()) == date(2025, 10, 27)
    assert cut_day(Period.parse("2025-09"), 5, queries.last_day) == date(2025, 11, 1)
    assert queries.last_day(2199, 3) == date(2199, 3, 15), "no holidays are published that far"
