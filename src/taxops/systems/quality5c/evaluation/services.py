"""Use cases of evaluation (评价方案与试算): make, compute, publish, try, discard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.engines.indicators import Period
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.modelling.models import ModelVersion, SchemeTemplate
from taxops.systems.quality5c.modelling.rules import checked

from .models import Detail, Scheme, Score, Trial
from .rules import compare, fingerprint, overlaid, summary
from .scoring import baseline, changed_figures, detail_row, freeze, score_row, scored
from .words import SchemeState

EDIT = "quality5c.edit"
REVIEW = "quality5c.review"
TRIAL_DAYS = 30
TRIAL_RUNS = 300


def make_scheme(scope: Scope, *, now: datetime, template_id: int, period: str) -> Scheme:
    """Apply a template to a period: model, versions, units and classes are frozen into the scheme.

    Raises:
        NotFound: no such template. BadInput: no period, nothing to evaluate. Conflict: it was made before.
    """
    indicators.require_province(scope, EDIT)
    period = str(Period.parse(period))
    with transaction.atomic():
        template = SchemeTemplate.objects.select_related("model").filter(pk=template_id).first()
        if template is None:
            raise NotFound("没有这个方案模板。", "请从模板列表进入。")
        if not template.is_active:
            raise Conflict(f"模板「{template.name}」已停用。", "请先启用模板，或换一个模板。")
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

    Raises:
        NotFound: none there. NotPermitted: the maker publishes. Conflict: published, or not computed.
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
        scheme.state = SchemeState.PUBLISHED
        scheme.published_at, scheme.published_by = now, scope.actor_name
        scheme.save(update_fields=["state", "published_at", "published_by"])
        audit.record(
            scope,
            now=now,
            action="quality5c.scheme.publish",
            kind="scheme",
            object_id=scheme.pk,
            label=scheme.name,
            after={"result_hash": scheme.result_hash},
        )
    return scheme


def reevaluate_open(scope: Scope, periods: set[str], *, now: datetime) -> list[Scheme]:
    """Compute the open schemes of some periods anew, after figures changed; published ones stay frozen."""
    found = Scheme.objects.filter(period__in=periods, state=SchemeState.OPEN, evaluated_at__isnull=False)
    return [evaluate_scheme(scope, pk, now=now) for pk in found.values_list("pk", flat=True)]


def tried(
    scheme: Scheme,
    *,
    weights: Mapping[str, float] | None = None,
    model_version: int | None = None,
    values: Mapping[tuple[int, str], float] | None = None,
) -> dict[str, Any]:
    """Return what other weights, another model version or other values would do; stores nothing.

    Raises:
        NotFound: no such model version. BadInput: an unknown code, or weights that leave nothing over.
    """
    data = scheme.frozen["model"]
    if model_version is not None:
        version = ModelVersion.objects.filter(model_id=scheme.template.model_id, number=model_version).first()
        if version is None:
            raise NotFound(f"模型没有第 {model_version} 版。", "请从模型页面核对版本号。")
        data = version.data
    if weights:
        data = overlaid(data, weights)
    checked(data, indicators.live_definitions())
    known = baseline(scheme)
    added = sorted(set(_codes(data)) - set(scheme.frozen["versions"]))
    if added:
        live = {c: n for c, (n, _) in indicators.live_definitions(added).items()}
        known |= indicators.figures(scheme.period, scheme.frozen["units"], live)
    before = scored(scheme, runs=TRIAL_RUNS)
    after = scored(scheme, model=data, figures=changed_figures(known, values or {}), runs=TRIAL_RUNS)
    moved = compare(before, after)
    robust = {s.unit: s for s in after}
    rows = [
        {**asdict(m), "rank_low": robust[m.unit].rank_low, "rank_high": robust[m.unit].rank_high,
         "borderline": robust[m.unit].borderline, "changed": m.changed}
        for m in moved
    ]  # fmt: skip
    return {"summary": summary(moved), "rows": rows, "fingerprint": fingerprint(after)}


def _codes(data: Mapping[str, Any]) -> list[str]:
    return [c for part in data["tree"].values() for c in part["items"]]


def try_scheme(
    scope: Scope, *, now: datetime, scheme_id: int, title: str, weights: Mapping[str, float] | None = None,
    model_version: int | None = None, values: Mapping[tuple[str, str], float] | None = None,
) -> Trial:  # fmt: skip
    """Run a trial and keep it for thirty days; no published table is written.

    Args:
        values: (unit code, indicator code) → value to assume.

    Raises:
        NotFound: no such scheme or version. BadInput: an unknown unit or code, weights that do not add up.
    """
    scope.require(EDIT)
    with transaction.atomic():
        scheme = Scheme.objects.select_related("template").filter(pk=scheme_id).first()
        if scheme is None:
            raise NotFound("没有这个评价方案。", "请从方案列表进入。")
        result = tried(
            scheme, weights=weights, model_version=model_version, values=_by_unit(scheme, values or {})
        )
        trial = Trial.objects.create(
            scheme=scheme, title=title.strip()[:120] or "试算", result=result, author_id=scope.actor_id,
            author_name=scope.actor_name, at=now, expires_at=now + timedelta(days=TRIAL_DAYS),
            overlay={"weights": dict(weights or {}), "model_version": model_version,
                     "values": [[u, c, v] for (u, c), v in (values or {}).items()]},
        )  # fmt: skip
        audit.record(
            scope,
            now=now,
            action="quality5c.trial.run",
            kind="trial",
            object_id=trial.pk,
            label=trial.title,
            after={"overlay": trial.overlay, **result["summary"]},
        )
    return trial


def _by_unit(scheme: Scheme, values: Mapping[tuple[str, str], float]) -> dict[tuple[int, str], float]:
    ids = dict(OrgUnit.objects.filter(pk__in=scheme.frozen["units"]).values_list("code", "pk"))
    for unit, code in values:
        if unit not in ids:
            raise BadInput(f"「{unit}」不是本方案的参评单位。", "请填写单位代码。", field="values")
        if code not in scheme.frozen["versions"]:
            raise BadInput(f"本方案的模型里没有指标「{code}」。", "请核对指标代码。", field="values")
    return {(ids[unit], code): value for (unit, code), value in values.items()}


def discard_trial(scope: Scope, pk: int, *, now: datetime) -> None:
    """Remove one's own trial.

    Raises:
        NotFound: none there. NotPermitted: somebody else's.
    """
    scope.require(EDIT)
    with transaction.atomic():
        trial = Trial.objects.filter(pk=pk).first()
        if trial is None:
            raise NotFound("没有这次试算，可能已经到期清除。", "请从试算列表进入。")
        if scope.actor_id is not None and trial.author_id != scope.actor_id:
            raise NotPermitted("只能删除自己的试算。", "到期后会自动清除。")
        trial.delete()
        audit.record(
            scope, now=now, action="quality5c.trial.discard", kind="trial", object_id=pk, label=trial.title
        )


def clear_trials(*, now: datetime) -> int:
    """Remove the trials that have expired."""
    gone, _ = Trial.objects.filter(expires_at__lte=now).delete()
    return gone
