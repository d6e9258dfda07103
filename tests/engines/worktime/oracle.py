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


def replayed(  # noqa: C901 -- one flat walk, to be read beside the rules
    events: Sequence[Event], calendar: WorkCalendar, now: int, target: int, *, strict: bool, pausable: bool
) -> tuple[int, str, bool, int | None]:
    """Return elapsed, state, breached and deadline by living through every minute; all times lie on minutes."""
    state, total, broken = "", 0, False
    reached: int | None = None
    queue = [event for event in events if event[0] <= now]
    t = queue[0][0]
    while True:
        while queue and queue[0][0] == t:
            _, kind, arg = queue.pop(0)
            if kind == "start" and not state:
                state = "running"
            elif kind == "pause" and state == "running" and pausable:
                state = "paused"
            elif kind == "resume" and state == "paused":
                state = "running"
            elif kind == "stop" and state:
                state = "stopped"
            elif kind == "reopen" and state == "stopped":
                state = "running"
            elif kind == "target":
                target = arg or 0
                reached = t if total >= target else None
                broken = broken or (bool(state) and (total > target or (strict and total == target)))
        if t >= now:
            break
        if state == "running" and is_open(calendar, t):
            total += 60
            broken = broken or total > target or (strict and total == target)
            if reached is None and total >= target:
                reached = t + 60
        t += 60
    left = target - total
    while state == "running" and reached is None:  # beyond now only the deadline is looked for
        left -= 60 if is_open(calendar, t) else 0
        t += 60
        if left <= 0:
            reached = t
    return total, state, broken, reached


def day(t: int) -> str:
    """Return the local day, for messages."""
    return (datetime.fromtimestamp(t, CHINA) + timedelta()).date().isoformat()
