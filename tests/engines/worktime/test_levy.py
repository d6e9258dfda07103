"""The levy period against the dates that the yearly notices published."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.engines.base import BadInput
from taxops.engines.worktime import is_levy_day, levy_last_day, shipped_legal_days

LEGAL = shipped_legal_days()


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2024, 2, 23), "six days of the Spring Festival lie in the period"),
        (date(2024, 4, 18), "three days of Qingming"),
        (date(2024, 5, 22), "five days of Labour Day"),
        (date(2024, 9, 18), "the last day lies in a holiday of which one day is in the period"),
        (date(2024, 10, 24), "seven days, and a Saturday that is worked"),
        (date(2025, 1, 15), "one day off is no long holiday"),
        (date(2025, 2, 20), "four days and a week-end"),
        (date(2025, 4, 18), "three days of Qingming"),
        (date(2025, 5, 22), "five days"),
        (date(2025, 6, 16), "two days of a holiday in the period are not three; a Sunday moves to Monday"),
        (date(2025, 10, 27), "eight days"),
    ],
)
def test_the_last_day_is_the_one_that_was_published(day: date, why: str) -> None:
    assert levy_last_day(day.year, day.month, LEGAL) == day, why


def test_a_day_is_inside_or_not() -> None:
    assert is_levy_day(date(2025, 10, 1), LEGAL)
    assert is_levy_day(date(2025, 10, 27), LEGAL)
    assert not is_levy_day(date(2025, 10, 28), LEGAL)


def test_an_unknown_year_is_never_guessed() -> None:
    with pytest.raises(BadInput, match="2031"):
        levy_last_day(2031, 5, LEGAL)
