"""The prober's two clocks (时钟), handed to the engine, which reads none."""

from __future__ import annotations

import time

monotonic = time.monotonic
"""Seconds that never jump: what durations and deadlines are measured with."""


def wall_ms() -> int:
    """Return milliseconds since 1970 by the machine's clock: the time of fact of a result."""
    return time.time_ns() // 1_000_000
