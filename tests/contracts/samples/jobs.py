"""Samples of the pages of background work: runs of a colleague, schedules, workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.jobs.models import JobRun, Schedule, WorkerBeat
from taxops.platform.jobs.services import enqueue
from tests import factories
from tests.contracts.samples import World, rows, sample


def _run(world: World, at: OrgUnit) -> JobRun:
    username = f"starter-{at.code}"
    who = Person.objects.filter(username=username).first() or factories.person(username, at)
    return enqueue("jobs.clean", scope=Scope(who.pk, who.display_name), now=world.now)


@rows("jobs-runs", extra=["jobs.view"])
def runs(world: World, at: OrgUnit, count: int) -> None:
    for _ in range(count):
        _run(world, at)


@sample("jobs-run", "jobs-cancel", extra=["jobs.view", "jobs.run"])
def run(world: World, at: OrgUnit) -> Mapping[str, Any]:
    return {"pk": _run(world, at).pk}


@sample("jobs-retry", extra=["jobs.view", "jobs.run"])
def failed(world: World, at: OrgUnit) -> Mapping[str, Any]:
    found = _run(world, at)
    JobRun.objects.filter(pk=found.pk).update(state="failed", error="接口没有响应。", trace="Traceback")
    return {"pk": found.pk}


def _schedule(world: World, name: str) -> Schedule:
    return Schedule.objects.get_or_create(
        name=name, defaults={"expression": "0 3 * * *", "next_at": world.now + timedelta(hours=3)}
    )[0]


@rows("jobs-schedules", shared="平台自身的定时计划，不属于任何机构")
def schedules(world: World, at: OrgUnit, count: int) -> None:
    for number in range(count):
        _schedule(world, f"sample.{at.code}.{number}")


@sample(
    "jobs-schedule", "jobs-schedule-pause", "jobs-schedule-resume", "jobs-schedule-run",
    extra=["jobs.view"], shared="平台自身的定时计划，不属于任何机构",
)  # fmt: skip
def schedule(world: World, at: OrgUnit) -> Mapping[str, Any]:
    return {"pk": _schedule(world, "jobs.clean").pk}


@rows("jobs-workers", shared="执行进程不属于任何机构")
def workers(world: World, at: OrgUnit, count: int) -> None:
    for number in range(count):
        WorkerBeat.objects.create(
            worker=f"{at.code}-{number}", host="h", pid=1, threads=2, started_at=world.now, seen_at=world.now
        )
