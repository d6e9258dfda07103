"""Primitives (原语) that mean the same on every engine: all that indicators are compiled to.

Each cures a divergence that was seen between engines; `conformance` proves each on the engine at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taxops.engines.base import later

if TYPE_CHECKING:
    import ibis
else:
    ibis = later("ibis")


Expr = Any
"""An ibis expression; ibis carries no types that mypy --strict could use."""


def ratio(num: Expr, den: Expr) -> Expr:
    """Return `num / den` as a float; empty when `den` is 0 (x/0 is inf, an error or empty elsewhere)."""
    return num.cast("float64") / den.cast("float64").nullif(0.0)


def total(values: Expr, where: Expr | None = None) -> Expr:
    """Return the sum of whole numbers as int64; 0 of no rows (empty or 0 elsewhere)."""
    return values.sum(where=where).cast("int64").coalesce(0)


def float_total(values: Expr, where: Expr | None = None) -> Expr:
    """Return the sum of fractions; 0 of no rows. The order of rows may move the last bits."""
    return values.sum(where=where).cast("float64").coalesce(0.0)


def rows(table: Expr, where: Expr | None = None) -> Expr:
    """Return the number of rows for which `where` holds; an empty condition does not hold (nor, on Spark, zero)."""
    return table.count(where=where).cast("int64").coalesce(0)


def distinct(values: Expr, where: Expr | None = None) -> Expr:
    """Return the exact number of different values (ClickHouse's default is approximate)."""
    return values.nunique(where=where).cast("int64")


def smallest(values: Expr, where: Expr | None = None) -> Expr:
    """Return the least value; empty of no rows (0 on ClickHouse)."""
    return (values.count(where=where) > 0).ifelse(values.min(where=where), ibis.null(values.type()))


def largest(values: Expr, where: Expr | None = None) -> Expr:
    """Return the greatest value; empty of no rows (0 on ClickHouse)."""
    return (values.count(where=where) > 0).ifelse(values.max(where=where), ibis.null(values.type()))


def median(values: Expr, where: Expr | None = None) -> Expr:
    """Return the exact median as a float, the mean of the middle two of an even number; empty of no rows."""
    picked = (
        values.cast("float64")
        if where is None
        else where.ifelse(values.cast("float64"), ibis.null("float64"))
    )
    return (picked.count() > 0).ifelse(picked.median(), ibis.null("float64"))


def round_half_up(value: Expr, digits: int) -> Expr:
    """Return a float rounded to `digits` places, halves away from zero (2.5 is 2 on some engines).

    A tiny nudge of 1e-9 of the last place makes 0.285 × 100 round as a person expects.
    """
    power = 10.0**digits
    scaled = value.cast("float64").abs() * power
    whole = (scaled + 0.5 + 1e-9).floor().cast("float64")
    return (value.cast("float64") < 0.0).ifelse(-whole / power, whole / power)


def characters(text: Expr) -> Expr:
    """Return the number of characters, not bytes."""
    return text.length().cast("int64")


def date_of(at: Expr) -> Expr:
    """Return the calendar day of a time."""
    return at.date()


def month_of(day: Expr) -> Expr:
    """Return the first day of the month (truncation gives a time on Spark and PostgreSQL)."""
    return add_days(day, 1 - day.day().cast("int64"))


def quarter_of(day: Expr) -> Expr:
    """Return the first day of the quarter."""
    return add_months(month_of(day), -((day.month().cast("int64") - 1) % 3))


def days_between(start: Expr, end: Expr) -> Expr:
    """Return the number of days from `start` to `end`."""
    return end.delta(start, unit="day").cast("int64")


def months_between(start: Expr, end: Expr) -> Expr:
    """Return the number of month borders from `start` to `end`."""
    year = (end.year().cast("int64") - start.year().cast("int64")) * 12
    return year + (end.month().cast("int64") - start.month().cast("int64"))


def seconds_between(start: Expr, end: Expr) -> Expr:
    """Return the whole seconds from `start` to `end`: what waits are summed and compared in."""
    return end.epoch_seconds().cast("int64") - start.epoch_seconds().cast("int64")


def minutes_between(start: Expr, end: Expr) -> Expr:
    """Return the whole minutes from `start` to `end`, rounded down: a sum of them loses half a minute each."""
    return (seconds_between(start, end).cast("float64") / 60.0).floor().cast("int64")


def add_days(day: Expr, count: Expr) -> Expr:
    """Return the day `count` days later."""
    return (day + count.as_interval("D")).cast("date")


def add_months(day: Expr, count: Expr) -> Expr:
    """Return the same day `count` months later, or that month's last day when it is shorter."""
    return (day + count.as_interval("M")).cast("date")


def previous(value: Expr, by: Any, order: Any) -> Expr:
    """Return the value one row before within a group; empty for the first (0 on ClickHouse).

    `order` must be unique within the group.
    """
    window = ibis.window(group_by=by, order_by=order)
    return (ibis.row_number().over(window) > 0).ifelse(value.lag(1).over(window), ibis.null(value.type()))


def following(value: Expr, by: Any, order: Any) -> Expr:
    """Return the value one row after within a group; empty for the last. `order` as in `previous`."""
    up = ibis.window(group_by=by, order_by=order)
    count = ibis.window(group_by=by)
    is_last = ibis.row_number().over(up) + 1 == value.count().over(count)
    return is_last.ifelse(ibis.null(value.type()), value.lead(1).over(up))


def overlap(a_from: Expr, a_to: Expr, b_from: Expr, b_to: Expr) -> Expr:
    """Test whether two half-open intervals meet; an empty end means still open."""
    first = a_to.isnull() | (b_from < a_to)
    return first & (b_to.isnull() | (a_from < b_to))


def least(values: list[Expr]) -> Expr:
    """Return the least of several values, leaving out empty ones (engines differ about them)."""
    return _extreme(values, smaller=True)


def greatest(values: list[Expr]) -> Expr:
    """Return the greatest of several values, leaving out empty ones (engines differ about them)."""
    return _extreme(values, smaller=False)


def _extreme(values: list[Expr], *, smaller: bool) -> Expr:
    best = values[0]
    for value in values[1:]:
        wins = value < best if smaller else value > best
        best = (best.isnull() | wins.fill_null(False)).ifelse(value, best)
    return best
