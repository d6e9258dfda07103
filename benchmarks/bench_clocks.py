"""Clock replays a second (时限重放): four events on three calendars, beside a walk from day to day.

    ./run bench clocks

The target is 100,000 replays a second of one core. Processor time is what is measured, so that a busy machine says
the same; every answer of the walk is compared with the engine's.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from taxops.engines.base import CHINA
from taxops.engines.worktime import Event, Policy, WorkCalendar, replay, shipped

ROUNDS = 5
MANY = 20_000
WALKED = 400
TARGET = 100_000
MONDAY = int(datetime(2026, 6, 1, tzinfo=CHINA).timestamp())


def histories(count: int) -> list[tuple[list[Event], int]]:
    """Return histories of four events: started, paused, resumed, stopped within five days, looked at after ten."""
    picks = random.Random(7)
    found = []
    for _ in range(count):
        at = sorted(MONDAY + picks.randrange(0, 5 * 86400) for _ in range(4))
        events: list[Event] = [
            (t, kind, None) for t, kind in zip(at, ("start", "pause", "resume", "stop"), strict=True)
        ]
        found.append((events, MONDAY + 10 * 86400))
    return found


def walked(calendar: WorkCalendar, a: int, b: int) -> int:
    """Return the open seconds between two instants by looking at every day between them."""
    day = datetime.fromtimestamp(a, CHINA).date()
    last = datetime.fromtimestamp(b, CHINA).date()
    total = 0
    while day <= last:
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp())
        for start, end in calendar.windows(day):
            total += max(0, min(b, midnight + end) - max(a, midnight + start))
        day += timedelta(days=1)
    return total


def by_walking(calendar: WorkCalendar, events: Sequence[Event]) -> int:
    """Return what a clock of start, pause, resume, stop has used, walked."""
    (a, *_), (b, *_), (c, *_), (d, *_) = events
    return walked(calendar, a, b) + walked(calendar, c, d)


def best(act: Callable[[], object]) -> float:
    """Return the least processor time of several rounds, in seconds."""
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        took.append(time.process_time() - start)
    return min(took)


def main() -> int:
    """Measure and print; 1 when the target is missed."""
    worst = 0
    policy = Policy(7200, strict=True)
    for name in ("onsite7x12", "always", "office5x8"):
        calendar = shipped(name)
        rows = histories(MANY)
        few = rows[:WALKED]
        for events, now in few:
            assert replay(events, policy, calendar, now).elapsed_seconds == by_walking(calendar, events)
        per_s = MANY / best(lambda c=calendar, r=rows: [replay(e, policy, c, n) for e, n in r])  # type: ignore[misc]
        walk = WALKED / best(lambda c=calendar, r=few: [by_walking(c, e) for e, _ in r])  # type: ignore[misc]
        worst = min(worst or int(per_s), int(per_s))
        print(
            f"{name:<12} {per_s:>9,.0f} replays/s of processor time, {per_s / walk:.1f} × a walk from day to day"
        )
    print(f"target {TARGET:,}/s: {'kept' if worst >= TARGET else 'MISSED'} ({worst:,}/s at worst)")
    return 0 if worst >= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
