"""Asking for work, stopping it, trying it again (作业的提交、取消与重试)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, new_id, to_millis
from taxops.platform.audit.services import record
from taxops.platform.rows import ask

from . import announcements, leases, queries, tasks
from .models import JobEvent, JobRun, Schedule, WorkerBeat
from .registry import JOBS, JobSpec
from .rules import KEPT, OPEN, Decision, Kept, State, Step, next_slot

PERMISSION_RUN = "jobs.run"


def enqueue(
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    scope: Scope,
    now: datetime,
    key: str | None = None,
    once: bool = False,
    run_after: datetime | None = None,
    title: str = "",
) -> JobRun:
    """Ask for a run of a job (提交作业), inside the caller's transaction: no commit, no run.

    Args:
        name: of a declared job.
        args: its arguments by name; JSON values.
        scope: on whose behalf; the run may do what that scope allows now and the person still may then.
        now: when it is asked for.
        key: idempotency key (幂等键): while a run of this name and key is queued or running, it is returned.
        once: the key holds for ever, also after the run has ended.
        run_after: not before this instant; at once by default.
        title: shown instead of the job's title, to tell runs apart.

    Raises:
        NotFound: no job of this name.
        BadInput: the arguments do not fit it or are not JSON.
    """
    spec = JOBS.get(name)
    spec.accept(args or {})
    plain = _as_json(spec, args or {})
    if key and len(key) > 120:
        raise BadInput(f"作业「{spec.title}」的幂等键过长。", "请控制在 120 个字符以内。")
    existing = _existing(name, key, once)
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            return _insert(
                spec,
                plain,
                scope=scope,
                now=now,
                key=key or "",
                once=once,
                run_after=run_after or now,
                title=title,
            )
    except IntegrityError:
        existing = _existing(name, key, once)  # somebody asked for the same at the same moment
        if existing is None:
            raise
        return existing


def _as_json(spec: JobSpec, args: Mapping[str, Any]) -> dict[str, Any]:
    try:
        plain = json.loads(json.dumps(dict(args), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"作业「{spec.title}」的参数无法保存：{error}。", "参数只能是文字、数字、列表等。"
        ) from error
    return dict(plain)


def is_asked_for(name: str, key: str) -> bool:
    """Test whether a run of this name and key is queued or running; what `enqueue` would find, for a fraction."""
    states = ", ".join(f"'{state.value}'" for state in OPEN)
    asked = f"SELECT 1 FROM jobs_jobrun WHERE name = %s AND key = %s AND state IN ({states}) LIMIT 1"  # noqa: S608
    return bool(ask(asked, [name, key]))


def _existing(name: str, key: str | None, once: bool) -> JobRun | None:
    if not key:
        return None
    if once:
        return JobRun.objects.filter(once_key=f"{name}:{key}").first()
    return JobRun.objects.filter(name=name, key=key, state__in=OPEN).first()


def _insert(
    spec: JobSpec,
    args: dict[str, Any],
    *,
    scope: Scope,
    now: datetime,
    key: str,
    once: bool,
    run_after: datetime,
    title: str,
) -> JobRun:
    run_id = new_id(to_millis(now), secrets.token_bytes(10))
    ticket = tasks.perform.using(run_after=run_after, priority=spec.priority).enqueue(run_id)
    run = JobRun.objects.create(
        id=run_id,
        ticket=ticket.id,
        name=spec.name,
        title=(title or spec.title)[:200],
        args=args,
        key=key,
        once_key=f"{spec.name}:{key}" if once and key else None,
        priority=spec.priority,
        actor_id=scope.actor_id,
        actor_name=scope.actor_name[:100],
        is_system=scope.is_system,
        grants={code: list(paths) for code, paths in scope.grants.items()},
        address=scope.address[:64],
        created_at=now,
        run_after=run_after,
        state=State.QUEUED,
        max_attempts=spec.max_attempts,
        lease_s=spec.lease_s,
    )
    JobEvent.objects.create(run=run, at=now, step=Step.QUEUED, text=scope.actor_name[:500])
    return run


def _own(scope: Scope, run_id: str) -> JobRun:
    """Return a run, locked, that the actor started or may command by permission."""
    seen = JobRun.objects.filter(queries.within(scope, queries.PERMISSION), id=run_id)
    commanded = JobRun.objects.filter(queries.within(scope, PERMISSION_RUN), id=run_id)
    if not commanded.exists():
        if seen.exists():
            raise NotPermitted("这是他人发起的作业，您只能查看。", f"需要权限「{PERMISSION_RUN}」。")
        raise NotFound("没有这个作业，或您无权查看。", "请从作业列表进入。")
    return JobRun.objects.select_for_update().get(id=run_id)


@transaction.atomic
def cancel(scope: Scope, run_id: str, *, now: datetime) -> JobRun:
    """Cancel a run (取消作业): one that waits at once, one that is going at its next report of progress.

    Raises:
        NotFound: there is none within the actor's scope.
        NotPermitted: it is somebody else's, and the actor may only look.
        Conflict: it has ended.
    """
    run = _own(scope, run_id)
    if run.state not in OPEN:
        raise Conflict(f"作业已经是「{State.label_of(run.state)}」，不能取消。", "请刷新页面查看最新状态。")
    if run.state == State.QUEUED:
        run.cancel_requested = True
        leases.settle(run, now, Decision(State.CANCELLED, None, Step.CANCELLED), text=scope.actor_name)
        announcements.state(run, now)
    elif not run.cancel_requested:
        run.cancel_requested = True
        run.save(update_fields=["cancel_requested"])
        leases.note(run, now, Step.CANCEL_ASKED, text=scope.actor_name)
    record(
        scope,
        now=now,
        action="job.cancel",
        kind="job",
        object_id=run.id,
        label=run.title,
        after={"state": run.state, "cancel_requested": True},
    )
    return run


@transaction.atomic
def retry(scope: Scope, run_id: str, *, now: datetime) -> JobRun:
    """Put a run that failed, was given up or cancelled into the queue again (重试作业), attempts from zero.

    It goes on acting for the person who started it.

    Raises:
        NotFound: there is none within the actor's scope.
        NotPermitted: it is somebody else's, and the actor may only look.
        Conflict: it is not in such a state, or another run with its key is open.
    """
    run = _own(scope, run_id)
    if run.state not in (State.FAILED, State.DEAD, State.CANCELLED):
        raise Conflict(
            f"作业是「{State.label_of(run.state)}」，不能重试。", "只有失败、放弃或取消的作业可以重试。"
        )
    before = {"state": run.state}
    if run.key and _existing(run.name, run.key, once=False) is not None:
        raise Conflict("同样的作业正在排队或执行。", "请等它结束后再看是否需要重试。")
    run.attempt, run.cancel_requested, run.result = 0, False, None
    run.done, run.total, run.text = 0, 0, ""
    leases.settle(run, now, Decision(State.QUEUED, now, Step.REQUEUED), text=scope.actor_name)
    announcements.state(run, now)
    record(
        scope,
        now=now,
        action="job.retry",
        kind="job",
        object_id=run.id,
        label=run.title,
        before=before,
        after={"state": run.state},
    )
    return run


@transaction.atomic
def pause_schedule(scope: Scope, name: str, *, paused: bool, now: datetime) -> Schedule:
    """Pause or resume a schedule (暂停、恢复定时计划); resuming waits for the next slot, it makes nothing up.

    Raises:
        NotPermitted: the actor may not.
        NotFound: there is no such schedule.
    """
    scope.require(PERMISSION_RUN)
    schedule = Schedule.objects.select_for_update().filter(name=name).first()
    if schedule is None:
        raise NotFound("没有这个定时计划。", "请从定时计划列表进入。")
    before = {"is_paused": schedule.is_paused}
    schedule.is_paused = paused
    schedule.next_at = next_slot(schedule.expression, now)
    schedule.save(update_fields=["is_paused", "next_at"])
    record(
        scope,
        now=now,
        action="schedule.pause" if paused else "schedule.resume",
        kind="schedule",
        object_id=name,
        label=JOBS.get(name).title if name in JOBS else name,
        before=before,
        after={"is_paused": paused},
    )
    return schedule


@transaction.atomic
def run_now(scope: Scope, name: str, *, now: datetime) -> JobRun:
    """Start a scheduled job at once (立即执行), as the platform would; who did it is in the trail.

    Raises:
        NotPermitted: the actor may not.
        NotFound: there is no such schedule.
    """
    scope.require(PERMISSION_RUN)
    if not Schedule.objects.filter(name=name).exists():
        raise NotFound("没有这个定时计划。", "请从定时计划列表进入。")
    run = enqueue(name, scope=Scope.system(f"定时任务（{scope.actor_name} 手动执行）"), now=now, key="cron")
    record(scope, now=now, action="schedule.run", kind="schedule", object_id=name, label=run.title)
    return run


def delete_ended(*, now: datetime, kept: Kept = KEPT, batch: int = 500) -> int:
    """Delete some of the runs that ended long ago (清理作业记录); return how many, zero when none is left.

    Runs whose key holds for ever stay: they are the proof that it was done. Signs of life older than a
    day go with them.
    """
    WorkerBeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    with transaction.atomic():
        found = list(
            JobRun.objects.filter(
                Q(state=State.DONE, is_system=True, finished_at__lt=now - kept.routine)
                | Q(state__in=(State.DONE, State.CANCELLED), finished_at__lt=now - kept.ended)
                | Q(state__in=(State.FAILED, State.DEAD), finished_at__lt=now - kept.failed),
                once_key=None,
            ).values_list("id", "ticket")[:batch]
        )
        DBTaskResult.objects.filter(id__in=[ticket for _, ticket in found]).delete()
        JobRun.objects.filter(id__in=[run_id for run_id, _ in found]).delete()
    return len(found)
