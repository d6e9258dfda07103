"""How late the prober itself was (迟到): collected start by start, summed up when somebody asks."""

from __future__ import annotations

from collections import deque


def take_lateness(late_ms: deque[float]) -> tuple[float, float, float]:
    """Return p50, p99 and the most of what was collected, and take it away.

    Another thread may go on collecting meanwhile.
    """
    found = sorted(late_ms.popleft() for _ in range(len(late_ms)))
    if not found:
        return 0.0, 0.0, 0.0
    last = len(found) - 1
    return (
        round(found[last // 2], 2),
        round(found[-(-last * 99 // 100)], 2),
        round(found[-1], 2),
    )
