"""The worker process (作业执行进程): takes runs, keeps their leases, leaves without losing one.

One dispatcher takes runs and hands them to `threads` threads, so an idle worker costs one look at the
queue a second whatever its size. A keeper thread renews leases, shows signs of life, takes runs back
from workers that fell silent and looks at the schedules.
"""

from __future__ import annotations

import logging
import os
import queue
import random
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.db import DatabaseError, close_old_connections, connection

from . import announcements, leases, scheduling
from .execution import Clock, Hold, perform
from .models import JobRun, WorkerBeat

logger = logging.getLogger(__name__)


def wall_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker does what, in seconds (节拍)."""

    poll_s: float = 1.0
    keep_s: float = 1.0
    beat_s: float = 5.0
    grace_s: float = 20.0


class Worker:
    """One worker process.

    Args:
        threads: how many runs at a time.
        clock: tells the time.
        chance: a random number from 0 to 1, for back-off.
        pace: how often it looks, beats and how long it waits when told to leave.
        name: unique; made from host and process by default.
    """

    def __init__(
        self,
        *,
        threads: int = 2,
        clock: Clock = wall_clock,
        chance: Callable[[], float] = random.random,
        pace: Pace | None = None,
        name: str = "",
    ) -> None:
        self.name = name or f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self.threads = threads
        self._clock = clock
        self._chance = chance
        self._pace = pace or Pace()
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._holds: dict[str, Hold] = {}
        self._guard = threading.Lock()
        self._free = threading.Semaphore(threads)
        self._work: queue.SimpleQueue[tuple[JobRun, Hold]] = queue.SimpleQueue()
        self._finished = 0
        self._started_at = clock()
        self._beat_at: datetime | None = None

    # ---- life ------------------------------------------------------------------------------------

    def run(self) -> int:
        """Work until told to leave; return 0, or 1 when runs had to be put back unfinished."""
        scheduling.sync(self._clock())
        for number in range(self.threads):
            threading.Thread(target=self._perform_all, name=f"job-{number}", daemon=True).start()
        keeper = threading.Thread(target=self._keep_all, name="keeper", daemon=True)
        keeper.start()
        self._dispatch()
        return self._leave()

    def obey_signals(self) -> None:
        """Leave on SIGTERM and Ctrl-C; a second one does not wait for runs to end."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def leave(self) -> None:
        """Take no more runs, let the present ones end, then return from `run`."""
        self._stop.set()

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _leave(self) -> int:
        """Wait for the runs in hand; put back what does not end in time."""
        waited_until = time.monotonic() + self._pace.grace_s
        while self._in_hand() and time.monotonic() < waited_until and not self._hurry.is_set():
            time.sleep(0.05)
        for hold in self._in_hand():
            hold.leaving.set()  # a run that reports progress leaves by itself now
        soon = time.monotonic() + min(1.0, self._pace.grace_s)
        while self._in_hand() and time.monotonic() < soon:
            time.sleep(0.05)
        left = self._in_hand()
        for hold in left:
            leases.hand_back(hold.lease, self._clock())
        WorkerBeat.objects.filter(worker=self.name).delete()
        return 1 if left else 0

    def _in_hand(self) -> list[Hold]:
        with self._guard:
            return list(self._holds.values())

    # ---- taking and doing ------------------------------------------------------------------------

    def _dispatch(self) -> None:
        """Hand out runs while there are some, then look again every `poll_s` seconds."""
        while not self._stop.is_set():
            if not self._free.acquire(timeout=0.2):
                continue
            hold = None if self._stop.is_set() else self._survive(self._take)
            if hold is None:
                self._free.release()
                self._stop.wait(self._pace.poll_s)

    def _take(self) -> Hold | None:
        run = leases.take_next(self.name, self._clock())
        if run is None:
            return None
        hold = Hold(leases.lease_of(run))
        with self._guard:
            self._holds[run.id] = hold
        self._work.put((run, hold))
        return hold

    def _perform_all(self) -> None:
        """Do what the dispatcher hands out, for ever."""
        while True:
            run, hold = self._work.get()
            try:
                close_old_connections()
                self._survive(partial(perform, run, hold, self._clock, self._chance))
            finally:
                with self._guard:
                    self._holds.pop(run.id, None)
                    self._finished += 1
                self._free.release()

    # ---- keeping ---------------------------------------------------------------------------------

    def _keep_all(self) -> None:
        while True:
            self._survive(self.keep)
            time.sleep(self._pace.keep_s)

    def keep(self) -> None:
        """Renew, show life, take back, look at the schedules: one turn of the keeper (保活)."""
        now = self._clock()
        for hold in self._in_hand():
            if not leases.renew(hold.lease, now):
                with self._guard:
                    is_still_ours = self._holds.get(hold.lease.run_id) is hold
                if is_still_ours:
                    hold.lost.set()
        if self._beat_at is None or (now - self._beat_at).total_seconds() >= self._pace.beat_s:
            self._beat(now)
            self._beat_at = now
        for run in leases.reclaim(now, self._chance):
            announcements.state(run, now)
        if not self._stop.is_set():
            scheduling.tick(now)

    def _beat(self, now: datetime) -> None:
        WorkerBeat.objects.update_or_create(
            worker=self.name,
            defaults={
                "host": socket.gethostname()[:100],
                "pid": os.getpid(),
                "threads": self.threads,
                "started_at": self._started_at,
                "seen_at": now,
                "n_running": len(self._in_hand()),
                "n_finished": self._finished,
            },
        )

    def _survive(self, act: Callable[[], object]) -> object:
        """Do something with the database; if that is away or busy, say so and go on later."""
        try:
            return act()
        except DatabaseError:
            logger.exception("worker %s: the database does not answer", self.name)
            connection.close()
            self._stop.wait(self._pace.poll_s)
            return None


def drain(clock: Clock = wall_clock, *, name: str = "drain", limit: int = 1000) -> int:
    """Do every run that is due, here and now, one after another; return how many (清空队列).

    For `taxops worker --once`, for tests, and for filling a demonstration.
    """
    count = 0
    while count < limit:
        run = leases.take_next(name, clock())
        if run is None:
            break
        perform(run, Hold(leases.lease_of(run)), clock, random.random)
        count += 1
    return count
