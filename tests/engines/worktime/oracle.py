"""A slow, obvious reference: walks minute by minute; shares no code with the engine's arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from taxops.engines.base import CHINA
from taxops.engines.worktime import Event, WorkCalendar


def is_open(calendar: WorkCalendar, t: int) -> bool:
    """Test by looking at the day's windows on the wall clock."""
    local = datetime.fromtimestamp(t, CHINA)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return any(a <= second < b for a, b in calendar.windows(local.date()))


def measure(calendar: WorkCalendar, a: int, b: int, step: int = 60) -> int:
    """Count open steps; a and b lie on steps."""
    return sum(step for t in range(a, b, step) if is_open(calendar, t))


def add(calendar: WorkCalendar, t: int, seconds: int, step: int = 60) -> int:
    """Walk until enough open steps have passed."""
    while seconds > 0:
        if is_open(calendar, t):
            seconds -= step
        t += step
    return t


def elapsed(events: Sequence[Event], calendar: WorkCalendar, now: int, *, pausable: bool) -> int:
    """Count open minutes during which the clock runs, minute by minute."""
    running, started, stopped, total = False, False, False, 0
    if not events:
        return 0
    queue = list(events)
    for t in range(events[0][0], now, 60):
        while queue and queue[0][0] <= t:
            kind = queue.pop(0)[1]
            if kind == "start" and not started:
                running = started = True
            elif kind == "pause" and running and pausable:
                running = False
            elif kind == "resume" and started and not running and not stopped:
                running = True
            elif kind == "stop" and started:
                running, stopped = False, True
            elif kind == "reopen" and stopped:
                running, stopped = True, False
        if running and is_open(calendar, t):
            total += 60
    return total


def day(t: int) -> str:
    """Return the local day, for messages."""
    return (datetime.fromtimestamp(t, CHINA) + timedelta()).date().isoformat()
