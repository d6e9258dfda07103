"""Trials (模型试算): what a change would do to a scheme before it counts; no published table is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.modelling.models import ModelVersion
from taxops.systems.quality5c.modelling.rules import checked, codes_of
from taxops.systems.quality5c.recounts.models import Recount
from taxops.systems.quality5c.recounts.queries import finished_tries
from taxops.systems.quality5c.recounts.rules import lines_of

from .models import Scheme, Trial
from .rules import Moved, compare, fingerprint, overlaid, summary
from .scoring import baseline, changed_figures, scored, stored

EDIT = "quality5c.edit"
TRIAL_DAYS = 30
TRIAL_RUNS = 300


def tried(
    scheme: Scheme,
    *,
    weights: Mapping[str, float] | None = None,
    model_version: int | None = None,
    values: Mapping[tuple[int, str], float] | None = None,
    figures: Mapping[str, Mapping[int, Figure]] | None = None,
) -> dict[str, Any]:
    """Return what other weights, another model version, other values or another definition would do; stores nothing.

    Args:
        figures: code → organisation → figure, in the place of what the scheme counts.

    Raises:
        NotFound: no such model version. BadInput: an unknown code, weights that leave nothing over, or an
            indicator of the model that has neither counted figures nor a try.
    """
    data = scheme.frozen["model"]
    if model_version is not None:
        version = ModelVersion.objects.filter(model_id=scheme.template.model_id, number=model_version).first()
        if version is None:
            raise NotFound(f"模型没有第 {model_version} 版。", "请从模型页面核对版本号。")
        data = version.data
    if weights:
        data = overlaid(data, weights)
    overlaid_by, known = figures or {}, baseline(scheme)
    live_now = indicators.live_definitions()
    checked(data, {**live_now, **dict.fromkeys(overlaid_by)})
    added = sorted(set(codes_of(data)) - set(scheme.frozen["versions"]))
    if added:
        live = {c: live_now[c][0] for c in added if c in live_now}
        fresh = indicators.figures(scheme.period, scheme.frozen["units"], live)
        without = sorted(set(added) - {code for _, code in fresh} - set(overlaid_by))
        if without:
            raise BadInput(
                f"指标 {'、'.join(without)} 还没有 {scheme.period} 的结果，无法试算。",
                "请先计算这个统计期，或先试跑它并在试算中选用。",
            )
        known |= fresh
    units = set(scheme.frozen["units"])
    known |= {(o, c): f for c, by_org in overlaid_by.items() for o, f in by_org.items() if o in units}
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


def with_models(
    scheme: Scheme, before: Mapping[str, Any], after: Sequence[Mapping[str, Any]]
) -> list[list[Moved]]:
    """Return how units move between one model and others on the figures of a scheme; stores nothing (权重影响).

    An indicator that the scheme does not count is missing on both sides.
    """
    known = baseline(scheme)
    base = scored(scheme, model=before, figures=known, runs=1)
    return [compare(base, scored(scheme, model=model, figures=known, runs=1)) for model in after]


def with_revisions(scheme: Scheme) -> dict[str, Any]:
    """Return what a published scheme would say with the figures of today; stores nothing (修订影响)."""
    moved = compare(scored(scheme, runs=1), scored(scheme, figures=stored(scheme), runs=1))
    return {"summary": summary(moved), "rows": [{**asdict(m), "changed": m.changed} for m in moved]}


def try_scheme(
    scope: Scope, *, now: datetime, scheme_id: int, title: str, weights: Mapping[str, float] | None = None,
    model_version: int | None = None, values: Mapping[tuple[str, str], float] | None = None,
    tries: Sequence[int] = (),
) -> Trial:  # fmt: skip
    """Run a trial and keep it for thirty days; no published table is written.

    Args:
        values: (unit code, indicator code) → value to assume.
        tries: finished tries of the same period, whose figures take the place of what the scheme counts.

    Raises:
        NotFound: no such scheme, version or try. BadInput: an unknown unit or code, weights that do not add up.
    """
    scope.require(EDIT)
    with transaction.atomic():
        scheme = Scheme.objects.select_related("template").filter(pk=scheme_id).first()
        if scheme is None:
            raise NotFound("没有这个评价方案。", "请从方案列表进入。")
        chosen = _tries(scope, scheme, tries, now)
        result = tried(
            scheme, weights=weights, model_version=model_version, values=_by_unit(scheme, values or {}),
            figures={t.code: figures_of(t) for t in chosen},
        )  # fmt: skip
        trial = Trial.objects.create(
            scheme=scheme, title=title.strip()[:120] or "试算", result=result, author_id=scope.actor_id,
            author_name=scope.actor_name, at=now, expires_at=now + timedelta(days=TRIAL_DAYS),
            overlay={"weights": dict(weights or {}), "model_version": model_version,
                     "values": [[u, c, v] for (u, c), v in (values or {}).items()],
                     "tries": [str(t.version) for t in chosen]},
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


def _tries(scope: Scope, scheme: Scheme, pks: Sequence[int], now: datetime) -> list[Recount]:
    """Return the tries that were chosen.

    Raises:
        NotFound: one is not there. BadInput: one is of another period, of a version changed since, or a second
            one of the same indicator.
    """
    found = {t.pk: t for t in finished_tries(scope, now).filter(pk__in=list(pks)).defer(None)}
    chosen: list[Recount] = []
    for pk in dict.fromkeys(pks):
        one = found.get(pk)
        if one is None:
            raise NotFound("没有这次试跑，可能已经到期清除。", "请重新试跑。")
        if one.period != scheme.period:
            raise BadInput(
                f"试跑「{one.version}」算的是 {one.period}，方案是 {scheme.period}。", "请按方案的统计期试跑。",
                field="tries",
            )  # fmt: skip
        if one.version is None or one.content_hash != one.version.content_hash:
            raise BadInput(f"「{one.version}」试跑之后内容又改过。", "请重新试跑。", field="tries")
        if any(c.code == one.code for c in chosen):
            raise BadInput(f"指标 {one.code} 选了两次试跑。", "请只选一次。", field="tries")
        chosen.append(one)
    return chosen


def figures_of(recount: Recount) -> dict[int, Figure]:
    """Return organisation → figure of a try."""
    lines = lines_of((recount.result or {}).get("lines", []))
    return {line.org: Figure(line.num, line.den, line.value, line.state) for line in lines}


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
