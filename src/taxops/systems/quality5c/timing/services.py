"""Use cases of timed schemes (定时试算、定时评价): run what is due, once, and tell whom it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import NotFound, Scope, TaxopsError, Unavailable
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import people_with
from taxops.platform.jobs.services import enqueue
from taxops.platform.notify import services as notify
from taxops.systems.quality5c.definitions.queries import periods, province_path, require_province
from taxops.systems.quality5c.evaluation import services as evaluation
from taxops.systems.quality5c.evaluation.models import Scheme
from taxops.systems.quality5c.evaluation.words import SchemeState
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.modelling.words import Timing

from .models import TimedRun
from .queries import due_of, find_timed, timed_templates
from .rules import RunState

EDIT, REVIEW, JOB = "quality5c.edit", "quality5c.review", "quality5c.timed"
Compute = Callable[[str], object]
"""Computes the figures of a period from the warehouse."""


def run_due(*, now: datetime, compute: Compute, template_id: int | None = None) -> list[TimedRun]:
    """Run what is due and was not done yet (到点执行); what fails is kept with its reason and tried again next time.

    Args:
        compute: computes a period's figures; each period once, however many templates want it.
        template_id: this template only, also when it was done: its open scheme is computed anew.
    """
    computed: dict[str, str] = {}
    found = []
    for template in timed_templates():
        if template_id is not None and template.pk != template_id:
            continue
        period = str(due_of(template, now).period)
        done = TimedRun.objects.filter(
            template=template, period=period, timing=template.timing, state=RunState.DONE
        )
        if template_id is None and done.exists():
            continue
        if period not in computed:
            computed[period] = _compute(compute, period)
        found.append(_run(template, period, computed[period], now=now))
    return found


def _compute(compute: Compute, period: str) -> str:
    """Compute a period's figures; return why not, which counts only where there are none from elsewhere."""
    try:
        compute(period)
    except TaxopsError as error:
        return f"{error.what}{error.todo}"
    return ""


def _run(template: SchemeTemplate, period: str, problem: str, *, now: datetime) -> TimedRun:
    scope = Scope.system("定时评价")
    scheme, result = None, {}
    try:
        with transaction.atomic():
            if period not in periods():
                raise Unavailable(problem or f"{period} 还没有指标结果。", "请先装载数据并计算指标。")
            closed = Scheme.objects.filter(template=template, period=period, state=SchemeState.PUBLISHED)
            trial = template.timing == Timing.TRIAL or closed.exists()
            answer = evaluation.evaluate_template(
                scope, now=now, template=template.code, period=period, trial=trial
            )
            scheme = Scheme.objects.filter(template=template, period=period).first()
            result, problem = _kept(answer), ""
    except TaxopsError as error:
        problem, scheme = f"{error.what}{error.todo}", None
    with transaction.atomic():
        run, fresh = TimedRun.objects.select_for_update().get_or_create(
            template=template,
            period=period,
            timing=template.timing,
            defaults={"at": now, "state": RunState.FAILED},
        )
        run.attempts = 1 if fresh else run.attempts + 1
        run.at, run.problem, run.result = now, problem[:500], result
        run.state = RunState.FAILED if problem else RunState.DONE
        run.scheme = scheme if template.timing == Timing.EVALUATE else None
        run.save()
        _tell(scope, run, now=now)
        audit.record(
            scope, now=now, action="quality5c.timed.run", kind="timed_run", object_id=run.pk, label=str(run),
            after={"state": run.state, "timing": run.timing, "problem": run.problem, "hash": result.get("hash", "")},
        )  # fmt: skip
    return run


def _kept(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a run keeps: the hash, how many units have which grade, and each unit's score, grade and rank."""
    units = answer["units"]
    grades = Counter(u["grade"] or "不予评价" for u in units)
    return {
        "hash": answer["hash"], "grades": dict(sorted(grades.items())),
        "rows": [[u["unit"], u["score"], u["grade"], u["rank"], u["tier"]] for u in units],
    }  # fmt: skip


def _tell(scope: Scope, run: TimedRun, *, now: datetime) -> None:
    """Tell those who publish that a scheme waits, those who write that a trial came out or that something is wrong."""
    failed, evaluated = run.state == RunState.FAILED, run.timing == Timing.EVALUATE
    waits = evaluated and run.scheme is not None and run.scheme.state == SchemeState.OPEN
    words = Timing.label_of(run.timing)
    if failed:
        title, body, link = f"{run}：{words}未完成", run.problem, "/quality5c/timed/"
    elif waits and run.scheme is not None:
        title, body = f"{run}：已计算，待发布", "请核对后发布；生成人与发布人须为两人。"
        link = f"/quality5c/ratings/?scheme={run.scheme.pk}"
    else:
        title, body, link = f"{run}：{words}已完成", "", f"/quality5c/timed/{run.pk}/"
    people = {p.pk for p in people_with(REVIEW if waits else EDIT, province_path(), now=now)}
    mark = "failed" if failed else "done"
    notify.tell(
        scope, now=now, people=people, title=title, body=body, link=link, key=f"timed-{run.pk}-{mark}",
        org_path=province_path(), broadcast=False,
    )  # fmt: skip


def ask_run(scope: Scope, pk: int, *, now: datetime) -> str:
    """Ask for a template's due period in the background, now (立即执行); return the job's id.

    Raises:
        NotPermitted: who may not write for the province. NotFound: no such template, or it does not run by itself.
    """
    require_province(scope, EDIT)
    template = find_timed(pk)
    if template is None:
        raise NotFound("没有这个定时的模板。", "请先在方案模板中选择定时试算或定时评价。")
    return enqueue(
        JOB, {"template": pk}, scope=scope, now=now, key=f"template-{pk}", title=f"定时评价：{template.name}"
    ).id
