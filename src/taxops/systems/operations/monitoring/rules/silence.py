"""When a check counts as without data (无数据): its results stopped coming. Never an outage."""

from __future__ import annotations

MISSED = 3
"""So many results in a row must be missing."""
ALLOWANCE_MS = 5_000
"""For the way from the prober to the centre."""


def silence_after_ms(interval_s: float, timeout_s: float) -> int:
    """Return how long after its last result a check counts as without data.

    >>> silence_after_ms(60, 5)
    190000
    """
    return round((MISSED * interval_s + timeout_s) * 1000) + ALLOWANCE_MS
