"""When a period's data are complete (取数日), and which period is due. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from taxops.engines.base import Choices
from taxops.engines.indicators import Grain, Period

MOST_BACK = 24
"""Periods looked back for one that is due; a lag has at most ninety days."""
LastDay = Callable[[int, int], date]
"""(year, month) → last day of that month's levy period."""


class RunState(Choices):
    """How a timed run ended (定时记录状态)."""

    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


@dataclass(frozen=True, slots=True)
class Due:
    """A period and the day from which its data count (到期的统计期)."""

    period: Period
    day: date


def cut_day(period: Period, lag_days: int, last_day: LastDay) -> date:
    """Return the day from which a period's data count: the levy period of the month after it, and so many days more.

    >>> cut_day(Period.parse("2025-06"), 20, lambda year, month: date(year, month, 15))
    datetime.date(2025, 8, 4)
    """
    return last_day(period.next.year, period.next.month) + timedelta(days=lag_days)


def holding(day: date, grain: Grain) -> Period:
    """Return the month, quarter or year that a day lies in."""
    if grain is Grain.YEAR:
        return Period.parse(f"{day.year}")
    if grain is Grain.QUARTER:
        return Period.parse(f"{day.year}Q{(day.month + 2) // 3}")
    return Period.parse(f"{day:%Y-%m}")


def newest_due(today: date, grain: Grain, lag_days: int, last_day: LastDay) -> Due:
    """Return the newest period whose data count today; older ones are not made up."""
    period = holding(today, grain)
    for _ in range(MOST_BACK):
        day = cut_day(period, lag_days, last_day)
        if day <= today:
            break
        period = period.back(1)
    return Due(period, day)


def next_due(today: date, grain: Grain, lag_days: int, last_day: LastDay) -> Due:
    """Return the period that becomes due next, after today."""
    period = newest_due(today, grain, lag_days, last_day).period.back(-1)
    return Due(period, cut_day(period, lag_days, last_day))
