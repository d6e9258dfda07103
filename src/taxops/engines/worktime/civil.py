"""Counting days as the Civil Code does (民法典 §201-203): the first day does not count, the last ends at 24:00."""

from __future__ import annotations

from datetime import date, timedelta

from taxops.engines.base import BadInput

from .days import DayClass, LegalDays


def working_days_after(day: date, count: int, legal: LegalDays) -> date:
    """Return the last day of a limit of `count` working days that begins after `day`.

    The limit ends at 24:00 of the returned day. Make-up working days count (spec §1.2 no. 17).

    Raises:
        BadInput: count is not positive or a year is unknown.
    """
    if count < 1:
        raise BadInput("工作日天数应为正整数。")
    while count:
        day += timedelta(days=1)
        if legal.day_class(day) is DayClass.WORKING:
            count -= 1
    return day


def days_after(day: date, count: int, legal: LegalDays | None = None) -> date:
    """Return the last day of a limit of `count` natural days that begins after `day`.

    With a legal table, a last day that is a legal rest day is postponed to the next working day (§203).

    Raises:
        BadInput: count is not positive or a year is unknown.
    """
    if count < 1:
        raise BadInput("天数应为正整数。")
    day += timedelta(days=count)
    while legal is not None and legal.day_class(day) is DayClass.REST:
        day += timedelta(days=1)
    return day
