"""Decisions of the comparison with 总局 (年末预计、假设). Pure."""

from __future__ import annotations

from collections.abc import Sequence


def forecast(values: Sequence[tuple[int, float]], month: int = 12) -> float | None:
    """Return where a straight line through the months so far leads by year's end; None with fewer than three.

    >>> forecast([(1, 0.90), (2, 0.91), (3, 0.92)])
    1.01
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
    return round(my + slope * (month - mx), 6)


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
