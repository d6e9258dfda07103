"""Runs that start by themselves (定时计划): each slot once, however many workers look at the clock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import Scope

from .models import JobRun, Schedule
from .registry import JOBS
from .rules import next_slot
from .services import enqueue

ACTOR = "定时任务"


def sync(now: datetime) -> None:
    """Bring the table of schedules in step with what is declared (同步定时计划)."""
    declared = {name: spec.cron for name, spec in JOBS.items() if spec.cron}
    known = {row.name: row for row in Schedule.objects.all()}
    for name, expression in declared.items():
        row = known.get(name)
        if row is None:
            Schedule.objects.get_or_create(
                name=name, defaults={"expression": expression, "next_at": next_slot(expression, now)}
            )
        elif row.expression != expression:
            Schedule.objects.filter(name=name, expression=row.expression).update(
                expression=expression, next_at=next_slot(expression, now)
            )


def tick(now: datetime) -> list[JobRun]:
    """Ask for the runs that are due (到点提交), and return them.

    A row's `next_at` is moved by compare-and-set in the same transaction as the run is asked for: of
    several schedulers one wins, and a scheduler that dies in between leaves the slot untouched. Slots
    missed while nothing ran are made up by one run, and while a run is still going none is added.
    """
    asked = []
    for name, expression, slot in list_due(now):
        run = claim_slot(name, expression, slot, now)
        if run is not None:
            asked.append(run)
    return asked


def list_due(now: datetime) -> list[tuple[str, str, datetime]]:
    """Return name, expression and slot of the schedules that are due and declared here (到点的计划)."""
    due = Schedule.objects.filter(next_at__lte=now, is_paused=False)
    return [row for row in due.values_list("name", "expression", "next_at") if row[0] in JOBS]


@transaction.atomic
def claim_slot(name: str, expression: str, slot: datetime, now: datetime) -> JobRun | None:
    """Ask for the run of one slot, unless another scheduler has (占位); None then."""
    won = Schedule.objects.filter(name=name, next_at=slot, is_paused=False).update(
        next_at=next_slot(expression, now), last_at=slot
    )
    if not won:
        return None
    run = enqueue(name, scope=Scope.system(ACTOR), now=now, key="cron")
    Schedule.objects.filter(name=name).update(last_run=run.id)
    return run
