"""Use cases of evaluation (评价方案): make, compute, publish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.base import CHINA, BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.engines.indicators import Grain, Period
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.modelling.models import SchemeTemplate

from .models import Detail, Scheme, Score
from .queries import quality
from .rules import fingerprint
from .scoring import detail_row, freeze, score_row, scored
from .sending import letters, post
from .words import SchemeState

EDIT = "quality5c.edit"
REVIEW = "quality5c.review"


def make_scheme(scope: Scope, *, now: datetime, template_id: int, period: str) -> Scheme:
    """Apply a template to a period: model, versions, units and classes are frozen into the scheme.

    Raises:
        NotFound: no such template, or no figures of the period. Conflict: it was made before.
        BadInput: no period, one that is not over, or of another length than the template's; nothing to evaluate.
    """
    indicators.require_province(scope, EDIT)
    period = checked_period(period, now=now)
    with transaction.atomic():
        template = SchemeTemplate.objects.select_related("model").filter(pk=template_id).first()
        if template is None:
            raise NotFound("没有这个方案模板。", "请从模板列表进入。")
        if not template.is_active:
            raise Conflict(f"模板「{template.name}」已停用。", "请先启用模板，或换一个模板。")
        _check_grain(template, period)
        if Scheme.objects.filter(template=template, period=period).exists():
            raise Conflict(
                f"{period} 已用模板「{template.name}」生成过方案。", "请直接打开这个方案。", field="period"
            )
        scheme = Scheme.objects.create(
            template=template, period=period, name=f"{period} {template.name}", frozen=freeze(template, period),
            made_at=now, made_by=scope.actor_name, made_by_id=scope.actor_id,
        )  # fmt: skip
        audit.record(scope, now=now, action="quality5c.scheme.make", kind="scheme", object_id=scheme.pk,
                     label=scheme.name, after={"units": len(scheme.frozen["units"]),
                                               "model_version": scheme.frozen["model_version"]})  # fmt: skip
    return scheme


def checked_period(text: str, *, now: datetime) -> str:
    """Return a period that can be evaluated: it has ended, and there are figures of it.

    Raises:
        BadInput: no period, or not over yet. NotFound: nothing was computed or imported for it.
    """
    period = Period.parse(text)
    if period.next > now.astimezone(CHINA).date():
        raise BadInput(
            f"统计期 {period} 还没有结束，不能评价。",
            f"它结束于 {period.last}，请换一个统计期。",
            field="period",
        )
    if str(period) not in indicators.periods():
        raise NotFound(
            f"{period} 还没有指标结果。", "请先装载数据并计算指标，或导入外部数据。", field="period"
        )
    return str(period)


def _check_grain(template: SchemeTemplate, period: str) -> None:
    """Do nothing when a period is as long as the template's."""
    found, wanted = Period.parse(period).grain, Grain(template.grain)
    if found is not wanted:
        raise BadInput(
            f"模板「{template.name}」按{wanted.label}评价，{period} 不是{wanted.label}。",
            "月写 2025-06，季写 2025Q2，年写 2025。", field="period",
        )  # fmt: skip


def evaluate_scheme(scope: Scope, pk: int, *, now: datetime) -> Scheme:
    """Compute a scheme's scores anew from the stored figures; all or nothing.

    Raises:
        NotFound: no such scheme. Conflict: it is published, and so frozen.
    """
    indicators.require_province(scope, EDIT)
    with transaction.atomic():
        scheme = _locked(pk)
        if scheme.state == SchemeState.PUBLISHED:
            raise Conflict("方案已发布，结果已冻结，不能重新计算。", "数据的后续变化可用试算查看。")
        scores = scored(scheme)
        before = scheme.result_hash
        _store(scheme, scores)
        scheme.evaluated_at, scheme.result_hash = now, fingerprint(scores)
        scheme.save(update_fields=["evaluated_at", "result_hash"])
        audit.record(
            scope,
            now=now,
            action="quality5c.scheme.evaluate",
            kind="scheme",
            object_id=scheme.pk,
            label=scheme.name,
            before={"result_hash": before},
            after={"result_hash": scheme.result_hash, "units": len(scores)},
        )
    return scheme


def _locked(pk: int) -> Scheme:
    scheme = Scheme.objects.select_for_update(of=("self",)).select_related("template").filter(pk=pk).first()
    if scheme is None:
        raise NotFound("没有这个评价方案。", "请从方案列表进入。")
    return scheme


def _store(scheme: Scheme, scores: list[Any]) -> None:
    period = Period.parse(scheme.period)
    before = indicators.figures(str(period.back(1)), scheme.frozen["units"], scheme.frozen["versions"])
    Score.objects.filter(scheme=scheme).delete()
    Detail.objects.filter(scheme=scheme).delete()
    Score.objects.bulk_create([score_row(scheme, s) for s in scores], batch_size=200)
    Detail.objects.bulk_create(
        [
            detail_row(scheme, s.unit, p, f.value if (f := before.get((s.unit, p.code))) else None)
            for s in scores
            for p in s.parts
        ],
        batch_size=500,
    )


def publish_scheme(scope: Scope, pk: int, *, now: datetime) -> Scheme:
    """Publish a computed scheme (发布方案); by another person than the one who made it. It is frozen from then on.

    Its results are sent as its template says, each person what lies within his area.

    Raises:
        NotFound: none there. NotPermitted: the maker publishes.
        Conflict: published, not computed, or its data are not good enough (`gate`).
    """
    indicators.require_province(scope, REVIEW)
    with transaction.atomic():
        scheme = _locked(pk)
        if scheme.state == SchemeState.PUBLISHED:
            raise Conflict("方案已经发布。", "无需重复办理。")
        if scheme.evaluated_at is None:
            raise Conflict("方案还没有计算。", "请先计算，再发布。")
        if scope.actor_id is not None and scope.actor_id == scheme.made_by_id:
            raise NotPermitted("方案的生成人不能发布自己生成的方案。", "请由另一位有复核权限的人员办理。")
        found = quality(scheme)
        if reason := found.refused():
            raise Conflict(
                f"数据质量没有达到门槛，没有发布：{reason}", "请核实数据、重新装载并重新计算后再发布。"
            )
        scheme.state = SchemeState.PUBLISHED
        scheme.published_at, scheme.published_by = now, scope.actor_name
        scheme.save(update_fields=["state", "published_at", "published_by"])
        people = post(scope, scheme, letters(scheme, scheme.template.send_to, now=now), now=now)
        audit.record(
            scope,
            now=now,
            action="quality5c.scheme.publish",
            kind="scheme",
            object_id=scheme.pk,
            label=scheme.name,
            after={"result_hash": scheme.result_hash, "sent_to": people, "quality": found.words()},
        )
    return scheme


def reevaluate_open(scope: Scope, periods: set[str], *, now: datetime) -> list[Scheme]:
    """Compute the open schemes of some periods anew, after figures changed; published ones stay frozen."""
    found = Scheme.objects.filter(period__in=periods, state=SchemeState.OPEN, evaluated_at__isnull=False)
    return [evaluate_scheme(scope, pk, now=now) for pk in found.values_list("pk", flat=True)]


def evaluate_template(
    scope: Scope, *, now: datetime, template: str, period: str, trial: bool
) -> dict[str, Any]:
    """Return the scores of a template for a period, best first.

    Args:
        trial: compute only; otherwise the scheme is made when it is not there, and computed anew when it is open.

    Raises:
        NotFound: no such template, or no figures of the period.
        BadInput: no period, one that is not over, or of another length than the template's; nothing to evaluate.
    """
    period = checked_period(period, now=now)
    found = SchemeTemplate.objects.select_related("model").filter(code=template).first()
    if found is None:
        codes = "、".join(SchemeTemplate.objects.order_by("code").values_list("code", flat=True))
        raise NotFound(f"没有方案模板「{template}」。", f"可用的有：{codes or '（无）'}。")
    _check_grain(found, period)
    scheme = Scheme.objects.filter(template=found, period=period).first()
    if trial:
        scheme = scheme or Scheme(
            template=found, period=period, name=f"{period} {found.name}", frozen=freeze(found, period)
        )
    else:
        scheme = scheme or make_scheme(scope, now=now, template_id=found.pk, period=period)
        scheme = evaluate_scheme(scope, scheme.pk, now=now)
    scores = scored(scheme)
    units = OrgUnit.objects.in_bulk([s.unit for s in scores])
    return {
        "scheme": found.code, "name": scheme.name, "period": period, "trial": trial, "hash": fingerprint(scores),
        "units": [
            {"unit": units[s.unit].code, "name": units[s.unit].short_name or units[s.unit].name, "score": s.total,
             "grade": s.grade, "rank": s.rank, "rank_interval": [s.rank_low, s.rank_high], "capped_by": s.capped_by,
             "borderline": s.borderline, "class": s.peer_class, "tier": s.tier, "aspects": dict(s.aspects)}
            for s in sorted(scores, key=lambda s: (s.rank == 0, s.rank, s.unit))
        ],
    }  # fmt: skip
