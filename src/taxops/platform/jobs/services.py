"""Asking for work, stopping it, trying it again (作业的提交、取消与重试)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Scope, new_id, to_millis

from . import tasks
from .models import JobEvent, JobRun
from .registry import JOBS, JobSpec
from .rules import OPEN, State, Step


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
        scope: on whose behalf; the run acts with what that person may do when it runs.
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
        address=scope.address[:64],
        created_at=now,
        run_after=run_after,
        state=State.QUEUED,
        max_attempts=spec.max_attempts,
        lease_s=spec.lease_s,
    )
    JobEvent.objects.create(run=run, at=now, step=Step.QUEUED, text=scope.actor_name[:500])
    return run
