"""Decisions of the comparison with 总局 (年末预计、假设). Pure."""

from __future__ import annotations

from collections.abc import Sequence


def forecast(
    values: Sequence[tuple[int, float]],
    month: int = 12,
    *,
    least: float | None = None,
    most: float | None = None,
) -> float | None:
    """Return where a straight line through the months so far leads by year's end; None with fewer than three.

    Args:
        values: month of the year and value.
        month: the month that is asked for.
        least: what the indicator cannot fall below, such as 0 for a rate.
        most: what it cannot exceed, such as 1 for a rate.

    >>> forecast([(1, 0.90), (2, 0.905), (3, 0.91)])
    0.955
    >>> forecast([(1, 0.90), (2, 0.91), (3, 0.92)], most=1.0)
    1.0
    """
    if len(values) < 3:
        return None
    n = len(values)
    mx = sum(m for m, _ in values) / n
    my = sum(v for _, v in values) / n
    spread = sum((m - mx) ** 2 for m, _ in values)
    if not spread:
        return None
    slope = sum((m - mx) * (v - my) for m, v in values) / spread
    led = round(my + slope * (month - mx), 6)
    led = led if least is None else max(led, least)
    return led if most is None else min(led, most)


def province_after(
    num: float | None, den: float | None, unit_num: float | None, unit_den: float | None, unit_value: float,
    scale: float = 1.0,
) -> float | None:  # fmt: skip
    """Return the province's value when one unit reaches a value: its numerator follows, all else stays.

    >>> province_after(90, 100, 5, 10, 0.9)
    0.94
    """
    if num is None or not den or unit_num is None or unit_den is None:
        return None
    return round((num - unit_num + unit_value / scale * unit_den) / den * scale, 9)
