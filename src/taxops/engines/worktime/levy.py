"""The levy period (征期): the days of a month in which taxpayers file, by the legal table.

It runs from the first of the month to the fifteenth. When legal holidays of three days or more in a row fall
into those fifteen days it is extended by as many working days; a last day that is a rest day moves to the next
working day (税收征收管理法实施细则 第一百零九条). The yearly notice of the 国家税务总局 says the same, month by month.
"""

from __future__ import annotations

from datetime import date, timedelta

from .days import DayClass, LegalDays

USUAL_LAST = 15
"""The last day when nothing moves it."""
_LONG = 3


def levy_last_day(year: int, month: int, legal: LegalDays) -> date:
    """Return the last day of a month's levy period (申报纳税期限).

    >>> from taxops.engines.worktime import shipped_legal_days
    >>> levy_last_day(2025, 10, shipped_legal_days())
    datetime.date(2025, 10, 27)

    Raises:
        BadInput: the legal table does not know the year.
    """
    day = date(year, month, USUAL_LAST)
    for _ in range(_holidays(year, month, legal)):
        day = _next_working(day + timedelta(days=1), legal)
    return _next_working(day, legal)


def is_levy_day(day: date, legal: LegalDays) -> bool:
    """Test whether a day lies in the levy period of its month (征期日).

    Raises:
        BadInput: the legal table does not know the year.
    """
    return day.day <= USUAL_LAST or day <= levy_last_day(day.year, day.month, legal)


def _holidays(year: int, month: int, legal: LegalDays) -> int:
    """Return how many days of legal holidays, three or more in a row, fall into the usual period."""
    total = run = 0
    for number in range(1, USUAL_LAST + 2):
        if number <= USUAL_LAST and date(year, month, number) in legal.rest:
            run += 1
            continue
        total += run if run >= _LONG else 0
        run = 0
    return total


def _next_working(day: date, legal: LegalDays) -> date:
    while legal.day_class(day) is not DayClass.WORKING:
        day += timedelta(days=1)
    return day
