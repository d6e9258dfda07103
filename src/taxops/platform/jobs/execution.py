"""Doing one run (执行作业): the function is called, and whatever comes of it is written down once."""

from __future__ import annotations

import json
import logging
import os
import random
import socket
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from taxops.engines.base import NotPermitted, Scope, TaxopsError
from taxops.platform.identity.models import Person
from taxops.platform.identity.services import scope_for

from . import announcements, leases, rules
from .leases import Lease
from .models import JobRun
from .registry import JOBS, Result, Stopped
from .rules import Decision, State, Step

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
_TELL_EVERY = timedelta(seconds=0.5)


@dataclass(slots=True)
class Hold:
    """A run in this worker's hands: its lease, and the flags that the keeper raises (在手作业)."""

    lease: Lease
    lost: threading.Event = field(default_factory=threading.Event)
    leaving: threading.Event = field(default_factory=threading.Event)


class Context:
    """What a running job may ask and tell (作业上下文); see `registry.JobContext`."""

    def __init__(self, run: JobRun, hold: Hold, scope: Scope, clock: Clock) -> None:
        self.run_id = run.id
        self.attempt = run.attempt
        self.scope = scope
        self._hold = hold
        self._clock = clock
        self._watched = run.actor_id is not None
        self._told_at: datetime | None = None
        self._depth = len(connection.atomic_blocks)  # deeper than at the start: the job's own transaction

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return self._clock()

    def progress(self, done: int, total: int = 0, text: str = "") -> None:
        """Show how far the run is (进展), at most twice a second; the last step is always stored.

        Inside a transaction nothing is stored: the row would stay locked until the commit, and the
        lease could not be renewed.

        Raises:
            Stopped: the run should leave.
        """
        self._flags()
        if not self._due(done >= total > 0):
            return
        stored = self._hold.lease.held().update(done=done, total=total, text=text[:300])
        self._ask(stored == 1)
        if self._watched:
            announcements.progress(self.run_id, done=done, total=total, text=text[:300])

    def check(self) -> None:
        """Do nothing, unless the run should leave.

        Raises:
            Stopped: it should.
        """
        self._flags()
        if self._due(False):
            self._ask(True)

    def _due(self, is_last: bool) -> bool:
        now = self._clock()
        if len(connection.atomic_blocks) > self._depth:
            return False
        if self._told_at is not None and now - self._told_at < _TELL_EVERY and not is_last:
            return False
        self._told_at = now
        return True

    def _flags(self) -> None:
        if self._hold.lost.is_set():
            raise Stopped("lost")
        if self._hold.leaving.is_set():
            raise Stopped("leaving")

    def _ask(self, was_held: bool) -> None:
        asked = self._hold.lease.held().values_list("cancel_requested", flat=True).first()
        if asked is None or not was_held:
            self._hold.lost.set()
            raise Stopped("lost")
        if asked:
            raise Stopped("cancelled")


def perform(run: JobRun, hold: Hold, clock: Clock, chance: Callable[[], float]) -> State | None:
    """Do a run that was just taken and write down what came of it.

    Returns:
        The state it ended in; None when the lease was lost meanwhile, and nothing was written.
    """
    trace = ""
    result: Result = None
    try:
        result = _call(run, hold, clock)
        decision = Decision(State.DONE, None, Step.DONE)
        error: Exception | None = None
    except Stopped as stopped:
        return _stop(run, hold, str(stopped), clock())
    except Exception as problem:
        error = problem
        decision = rules.after_error(
            problem, attempt=run.attempt, max_attempts=run.max_attempts, now=clock(), chance=chance()
        )
        if not isinstance(problem, TaxopsError):
            trace = traceback.format_exc()
            logger.error("job %s %s failed", run.name, run.id, exc_info=problem)
    return _conclude(run, hold, decision, result, error, trace, clock())


def _call(run: JobRun, hold: Hold, clock: Clock) -> Result:
    """Call the job's function and return its result as plain JSON."""
    spec = JOBS.get(run.name)
    spec.accept(run.args)
    context = Context(run, hold, _scope(run, clock()), clock)
    result = spec.function(context, **run.args)
    return None if result is None else dict(json.loads(json.dumps(dict(result), allow_nan=False)))


def _scope(run: JobRun, now: datetime) -> Scope:
    """Return what the run may do: what its person may now, and no more than when it was asked for.

    Raises:
        NotPermitted: the person's account is gone or closed.
    """
    if run.is_system:
        return Scope.system(run.actor_name)
    if run.actor_id is None:
        return Scope(actor_id=None, actor_name=run.actor_name, address=run.address, via="job")
    person = Person.objects.select_related("org").filter(pk=run.actor_id, is_active=True).first()
    if person is None:
        raise NotPermitted(
            f"发起人「{run.actor_name}」的账号已停用，作业不再执行。", "请由在岗人员重新发起。"
        )
    held = scope_for(person, now=now, address=run.address, via="job")
    return Scope(
        actor_id=held.actor_id,
        actor_name=held.actor_name,
        grants=rules.narrowed(held.grants, run.grants),
        address=run.address,
        via="job",
    )


def _stop(run: JobRun, hold: Hold, why: str, now: datetime) -> State | None:
    """End a run that left when it was told to: cancelled, handed back, or not ours any more."""
    if why == "leaving":
        return State.QUEUED if leases.hand_back(hold.lease, now) else None
    if why == "cancelled":
        return _conclude(run, hold, Decision(State.CANCELLED, None, Step.CANCELLED), None, None, "", now)
    return None


def _conclude(
    run: JobRun,
    hold: Hold,
    decision: Decision,
    result: Result,
    error: Exception | None,
    trace: str,
    now: datetime,
) -> State | None:
    what, todo = _words(error)
    with transaction.atomic():
        held = hold.lease.held().select_for_update().first()
        if held is None:
            hold.lost.set()
            _note_late(run, decision, now)
            return None
        if held.cancel_requested and decision.state == State.QUEUED:
            decision = Decision(State.CANCELLED, None, Step.CANCELLED)  # no retry of what nobody wants
        held.result = None if result is None else dict(result)
        if decision.state == State.DONE and held.total:
            held.done = held.total
        leases.settle(held, now, decision, error=what, todo=todo, trace=trace)
        announcements.state(held, now)
    return decision.state


def _note_late(run: JobRun, decision: Decision, now: datetime) -> None:
    """Leave a line in the history: this worker did the work too, and was not heard."""
    if JobRun.objects.filter(id=run.id).exists():
        leases.note(run, now, Step.LATE, worker=run.worker, text=f"租约已失效；本次{decision.state.label}")


def _words(error: Exception | None) -> tuple[str, str]:
    """Return what happened and what to do, in Chinese, for the person who started the run."""
    if error is None:
        return "", ""
    if isinstance(error, TaxopsError):
        return error.what, error.todo
    return (
        f"程序内部错误（{type(error).__name__}）。",
        "平台会按规则重试；若仍失败，请将作业编号报给运维人员。",
    )


def perform_now(run_id: str) -> None:
    """Take and do one run in this process, without a keeper: for other django-tasks workers."""
    worker = f"{socket.gethostname()}:{os.getpid()}"[:64]
    run = leases.take(run_id, worker, timezone.now())
    if run is not None:
        perform(run, Hold(leases.lease_of(run)), timezone.now, random.random)
