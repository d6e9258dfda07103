"""Five-minute slots (五分钟段): how the busy tables are cut."""

from __future__ import annotations

SLOT_MS = 300_000


def slot_of(at_ms: int) -> int:
    """Return the number of the five-minute slot that an instant falls into.

    >>> slot_of(0), slot_of(299_999), slot_of(300_000)
    (0, 0, 1)
    """
    return at_ms // SLOT_MS


def slots_between(from_ms: int, to_ms: int) -> range:
    """Return the slots that `[from_ms, to_ms)` touches.

    >>> list(slots_between(299_999, 600_001))
    [0, 1, 2]
    """
    return range(from_ms // SLOT_MS, -(-to_ms // SLOT_MS))


def retention_slots(now_ms: int, *, keep_days: int) -> int:
    """Return the first slot that is kept when raw results stay `keep_days` days (原始结果保留)."""
    return (now_ms - keep_days * 86_400_000) // SLOT_MS
