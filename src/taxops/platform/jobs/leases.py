"""Who holds a run (租约): taking it, keeping it, losing it, giving it back.

Lock order: the ticket, then the run; taking never waits (`SKIP LOCKED`), so there is no deadlock. On
SQLite the transaction itself is exclusive (`BEGIN IMMEDIATE`). Whoever writes to a run as its holder
names the `claim` he got; a worker that was thought dead finds his claim outdated and writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from . import rules
from .models import JobEvent, JobRun
from .rules import Decision, State, Step

logger = logging.getLogger(__name__)

TASK = "taxops.platform.jobs.tasks.perform"
"""The path of our one task, by which tickets are told from those of others; `tasks` itself stands above."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold on a run (租约): good while the run's `claim` is still this one."""

    run_id: str
    claim: int
    lease_s: int

    def held(self) -> QuerySet[JobRun]:
        """Return the run if this lease still holds it, else nothing."""
        return JobRun.objects.filter(id=self.run_id, claim=self.claim, state=State.RUNNING)


def lease_of(run: JobRun) -> Lease:
    """Return the lease under which a run was just taken."""
    return Lease(run.id, run.claim, run.lease_s)


def take_next(worker: str, now: datetime) -> JobRun | None:
    """Take the most urgent run that is due (领取作业), or return None when there is none."""
    due = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY, task_path=TASK, run_after__lte=now
    ).order_by(F("priority").desc(), F("run_after").asc(), F("enqueued_at").asc())
    if not due.values("id").first():  # a plain read first: an idle worker never locks anything
        return None
    with transaction.atomic():
        ticket = due.select_for_update(skip_locked=True).first()
        return None if ticket is None else _take(ticket, worker, now)


def take(run_id: str, worker: str, now: datetime) -> JobRun | None:
    """Take this run, or return None when it is not waiting (any more)."""
    with transaction.atomic():
        ticket = (
            DBTaskResult.objects.select_for_update(skip_locked=True)
            .filter(id__in=JobRun.objects.filter(id=run_id, state=State.QUEUED).values("ticket"))
            .first()
        )
        return None if ticket is None else _take(ticket, worker, now)


def _take(ticket: DBTaskResult[Any, Any], worker: str, now: datetime) -> JobRun | None:
    run = JobRun.objects.select_for_update(skip_locked=True).filter(ticket=ticket.id).first()
    if run is None or run.state != State.QUEUED:
        if not JobRun.objects.filter(ticket=ticket.id, state=State.QUEUED).exists():
            ticket.status = TaskResultStatus.FAILED  # a ticket without a run would be met for ever
            ticket.finished_at = now
            ticket.save(update_fields=["status", "finished_at"])
        return None
    run.state = State.RUNNING
    run.worker = worker
    run.claim += 1
    run.attempt += 1
    run.started_at = now
    run.lease_until = now + timedelta(seconds=run.lease_s)
    run.done, run.total, run.text = 0, 0, ""
    run.save(
        update_fields=[
            "state", "worker", "claim", "attempt", "started_at", "lease_until", "done", "total", "text",
        ]
    )  # fmt: skip
    ticket.status = TaskResultStatus.RUNNING
    ticket.started_at = now
    ticket.worker_ids = [*ticket.worker_ids, worker][-20:]
    ticket.save(update_fields=["status", "started_at", "worker_ids"])
    note(run, now, Step.STARTED, worker=worker)
    return run


def renew(lease: Lease, now: datetime) -> bool:
    """Prolong a lease (续约); return whether it still held."""
    until = now + timedelta(seconds=lease.lease_s)
    return lease.held().update(lease_until=until) == 1


def reclaim(now: datetime, chance: Callable[[], float]) -> list[JobRun]:
    """Take runs away from workers that fell silent (收回); return the ones that are given up for good."""
    lost = JobRun.objects.filter(state=State.RUNNING, lease_until__lt=now)
    given_up = []
    for run_id in lost.values_list("id", flat=True)[:100]:
        with transaction.atomic():
            run = lost.select_for_update(skip_locked=True).filter(id=run_id).first()
            if run is None:
                continue  # renewed, or another worker was first
            decision = (
                Decision(State.CANCELLED, None, Step.CANCELLED)
                if run.cancel_requested
                else rules.after_loss(
                    attempt=run.attempt, max_attempts=run.max_attempts, now=now, chance=chance()
                )
            )
            silent = f"执行进程 {run.worker} 自 {run.lease_s} 秒以上没有响应"
            if decision.step is not Step.LOST:
                note(run, now, Step.LOST, worker=run.worker, text=silent)
            settle(run, now, decision, text=silent, error=f"{silent}。", todo="可能是进程被终止或主机故障。")
            if run.state == State.DEAD:
                given_up.append(run)
    return given_up


def hand_back(lease: Lease, now: datetime) -> bool:
    """Put a run back into the queue unharmed (退回): the attempt does not count."""
    with transaction.atomic():
        run = lease.held().select_for_update().first()
        if run is None:
            return False
        run.attempt = max(0, run.attempt - 1)
        settle(run, now, Decision(State.QUEUED, now, Step.HANDED_BACK), text="执行进程正常退出")
        return True


def settle(
    run: JobRun, now: datetime, decision: Decision, *, text: str = "", error: str = "", todo: str = "",
    trace: str = "",
) -> None:  # fmt: skip
    """Write down what becomes of a locked run, in the run, its ticket and its history (落定)."""
    is_closed = decision.state in rules.CLOSED
    run.state = decision.state
    run.lease_until = None
    run.run_after = decision.run_after or run.run_after
    run.finished_at = now if is_closed else None
    run.error, run.todo, run.trace = error[:500], todo[:500], trace[-20_000:]
    run.save()
    note(run, now, decision.step, worker=run.worker, text=text or error)
    _keep_in_step(run)


def note(run: JobRun, now: datetime, step: Step, *, worker: str = "", text: str = "") -> None:
    """Add a line to the run's history (记历程)."""
    JobEvent.objects.create(run=run, at=now, step=step, attempt=run.attempt, worker=worker, text=text[:500])


_TICKET_STATUS = {
    State.QUEUED: TaskResultStatus.READY,
    State.RUNNING: TaskResultStatus.RUNNING,
    State.DONE: TaskResultStatus.SUCCESSFUL,
}


def _keep_in_step(run: JobRun) -> None:
    """Let the ticket say the same as the run, in django-tasks' words."""
    DBTaskResult.objects.filter(id=run.ticket).update(
        status=_TICKET_STATUS.get(State(run.state), TaskResultStatus.FAILED),
        run_after=run.run_after,
        finished_at=run.finished_at,
        exception_class_path="",
        traceback=run.error,
    )
