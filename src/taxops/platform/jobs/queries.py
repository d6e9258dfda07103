"""Reading about background work (查看后台作业)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity import queries as identity
from taxops.platform.identity.models import Person

from .models import JobEvent, JobRun, Schedule, WorkerBeat
from .registry import JOBS
from .rules import State

PERMISSION = "jobs.view"
_SILENT_S = 20


def within(scope: Scope, permission: str) -> Q:
    """Return the condition that keeps the runs over which `permission` holds (作业的权限范围).

    A run belongs to the organisation of the person who started it; the platform's own runs belong to
    everybody who holds the permission anywhere. One's own runs are always within.
    """
    own = Q(actor_id=scope.actor_id) if scope.actor_id is not None else Q(pk__in=())
    if not scope.has(permission):
        return own
    people = Person.objects.filter(identity.within(scope, permission)).values("pk")
    return own | Q(is_system=True) | Q(actor_id__in=people)


def list_runs(scope: Scope, *, is_mine: bool = False, state: str = "", name: str = "") -> QuerySet[JobRun]:
    """Return the runs the actor may see (作业列表), newest first."""
    found = JobRun.objects.filter(within(scope, PERMISSION)).order_by("-created_at", "-id")
    if is_mine:
        found = found.filter(actor_id=scope.actor_id, is_system=False)
    if state:
        found = found.filter(state=state)
    if name:
        found = found.filter(name=name)
    return found


def get_run(scope: Scope, run_id: str) -> JobRun:
    """Return one run (作业) within the actor's scope.

    Raises:
        NotFound: there is none.
    """
    run = list_runs(scope).filter(id=run_id).first()
    if run is None:
        raise NotFound("没有这个作业，或您无权查看。", "请从作业列表进入。")
    return run


def list_events(run: JobRun) -> QuerySet[JobEvent]:
    """Return the history of a run the caller was shown (作业历程), oldest first."""
    return JobEvent.objects.filter(run=run).order_by("id")


def list_schedules(scope: Scope) -> QuerySet[Schedule]:
    """Return all schedules (定时计划), each with the state of its last run as `last_state`; one query.

    Raises:
        NotPermitted: the actor may not see them.
    """
    scope.require(PERMISSION)
    last = JobRun.objects.filter(id=OuterRef("last_run")).values("state")[:1]
    return Schedule.objects.annotate(last_state=Subquery(last)).order_by("next_at", "name")


def title_of(name: str) -> str:
    """Return the Chinese name of a job (作业名称), or its code when this version does not know it."""
    return JOBS.get(name).title if name in JOBS else name


def list_names() -> list[tuple[str, str]]:
    """Return `(code, Chinese name)` of every declared job (作业名称表)."""
    return sorted(((name, spec.title) for name, spec in JOBS.items()), key=lambda pair: pair[1])


def list_runs_of(scope: Scope, name: str) -> QuerySet[JobRun]:
    """Return the newest runs of one job that the actor may see (历次作业)."""
    return list_runs(scope, name=name)[:50]


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """Whether work is being done (作业健康): live workers, and how long the oldest due run has waited."""

    n_alive: int
    seen_at: datetime | None
    n_waiting: int
    waited_s: float
    n_dead: int

    @property
    def is_good(self) -> bool:
        """Test whether somebody works and nothing has waited long."""
        return self.n_alive > 0 and self.waited_s < 300


def worker_health(now: datetime) -> WorkerHealth:
    """Return whether work is being done (作业健康); for `/healthz`, `/metrics` and the first screen."""
    beats = WorkerBeat.objects.order_by("-seen_at")
    last = beats.first()
    waiting = JobRun.objects.filter(state=State.QUEUED, run_after__lte=now)
    oldest = waiting.aggregate(oldest=Min("run_after"))["oldest"]
    return WorkerHealth(
        n_alive=beats.filter(seen_at__gte=now - timedelta(seconds=_SILENT_S)).count(),
        seen_at=last.seen_at if last else None,
        n_waiting=waiting.count(),
        waited_s=(now - oldest).total_seconds() if oldest else 0.0,
        n_dead=JobRun.objects.filter(state=State.DEAD).count(),
    )


def list_workers(scope: Scope) -> QuerySet[WorkerBeat]:
    """Return the workers seen lately (执行进程).

    Raises:
        NotPermitted: the actor may not see them.
    """
    scope.require(PERMISSION)
    return WorkerBeat.objects.order_by("-seen_at")
