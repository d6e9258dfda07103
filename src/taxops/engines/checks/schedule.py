"""When a check is due (检查时刻): spread evenly over its interval, without a herd and without memory.

A check's instants are `offset + n × interval` since 1970, the offset drawn from its id. Any prober works them
out alike, a restart changes nothing, and what was missed is not made up for.
"""

from __future__ import annotations

from functools import lru_cache

from .model import CheckSpec
from .states import State

SLOT_MS = 50
"""Instants are multiples of this: one wake-up serves every check of a slot (时间槽)."""

_MASK = (1 << 64) - 1


def spread(number: int) -> int:
    """Return 64 well mixed bits of a number (splitmix64): neighbours land far apart, always the same way."""
    mixed = (number + 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)


@lru_cache(maxsize=1 << 15)
def offset_ms(check_id: int, interval_ms: int, *, slot_ms: int = SLOT_MS) -> int:
    """Return where in its interval a check is due (错峰偏移): a multiple of the slot, below the interval."""
    slots = max(1, interval_ms // slot_ms)
    return spread(check_id) % slots * slot_ms


def next_due_ms(spec: CheckSpec, state: State, now_ms: int, *, slot_ms: int = SLOT_MS) -> int:
    """Return when the check is to be carried out next (下次检查时刻), not before `now_ms`.

    While a change is being confirmed, the retry interval after the last result; else the check's own next
    instant, at least half an interval after the last result, so that a retry is not followed at once.

    Args:
        spec: the check.
        state: after its last result; `state.last_ms` is None for a check never carried out.
        now_ms: the present instant.
        slot_ms: see SLOT_MS; 1 for none.
    """
    interval = max(slot_ms, round(spec.interval_s * 1000))
    last = state.last_ms
    if last is not None and last > now_ms:  # a clock was set back: the future is not waited for
        last = now_ms
    if last is not None and state.is_soft:
        retry = min(interval, max(slot_ms, round(spec.retry_interval_s * 1000)))
        return max(now_ms, last + retry)
    earliest = now_ms if last is None else max(now_ms, last + (interval + 1) // 2)
    offset = offset_ms(spec.id, interval, slot_ms=slot_ms)
    return earliest + (offset - earliest) % interval
