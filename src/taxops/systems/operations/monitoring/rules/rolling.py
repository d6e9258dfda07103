"""Rolling metrics up (指标汇总): many small sets of numbers to one row for each check and metric."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

MOST_METRICS = 40
"""So many metrics of one check are kept; beyond that the first by name."""


class Rolled(NamedTuple):
    """One metric of one check over five minutes (指标汇总行)."""

    check_id: int
    metric: str
    n: int
    total: float
    least: float
    most: float
    p95: float


def roll_metrics(rows: Iterable[tuple[int, Any]]) -> list[Rolled]:
    """Return the roll-ups of `(check, metrics)`; what is no finite number is left out.

    >>> roll_metrics([(1, {"lag": 4}), (1, {"lag": 6})])[0].total
    10.0
    """
    found: dict[tuple[int, str], list[float]] = {}
    for check_id, metrics in rows:
        read = json.loads(metrics) if isinstance(metrics, str) else metrics
        if not isinstance(read, dict):
            continue
        for name in sorted(read)[:MOST_METRICS]:
            value = read[name]
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
                found.setdefault((check_id, name[:60]), []).append(float(value))
    return [_rolled(check_id, name, values) for (check_id, name), values in sorted(found.items())]


def _rolled(check_id: int, name: str, values: list[float]) -> Rolled:
    values.sort()
    return Rolled(
        check_id, name, len(values), sum(values), values[0], values[-1], values[nearest(len(values), 95) - 1]
    )


def nearest(n: int, percent: int) -> int:
    """Return the place, counted from one, of a percentile by nearest rank.

    >>> nearest(1, 95), nearest(20, 95), nearest(100, 95)
    (1, 19, 95)
    """
    return max(1, (n * percent + 99) // 100)
