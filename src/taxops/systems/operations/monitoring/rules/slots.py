"""Time slots (时段): how the busy tables are cut."""

from __future__ import annotations

SLOT_MS = 300_000
"""Roll-ups are of five minutes (五分钟段)."""
CELL_MS = 10_000
"""Raw results are clustered by ten seconds (十秒格): a batch dirties few pages, a check's hour is 360 seeks."""
CELLS_A_SLOT = SLOT_MS // CELL_MS


def slot_of(at_ms: int) -> int:
    """Return the number of the five-minute slot that an instant falls into.

    >>> slot_of(0), slot_of(299_999), slot_of(300_000)
    (0, 0, 1)
    """
    return at_ms // SLOT_MS


def cells_between(from_ms: int, to_ms: int) -> range:
    """Return the ten-second cells that `[from_ms, to_ms)` touches.

    >>> list(cells_between(9_999, 20_001))
    [0, 1, 2]
    """
    return range(from_ms // CELL_MS, -(-to_ms // CELL_MS))


def first_slot_kept(now_ms: int, *, keep_days: int) -> int:
    """Return the first slot whose raw results are kept when they stay `keep_days` days (原始结果保留)."""
    return (now_ms - keep_days * 86_400_000) // SLOT_MS
