"""Use cases of external data (外部数据导入与回退)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.engines.indicators import IndicatorKind
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.definitions.rules import Figure, figure_of, roll_up
from taxops.systems.quality5c.evaluation.services import reevaluate_open

from .models import ExternalBatch, ExternalValue
from .rules import TEMPLATES, Entry, Template, check_rows
from .words import BatchState

IMPORT = "quality5c.import"


def template_of(code: str) -> Template:
    """Return a template.

    Raises:
        NotFound: there is none of that code.
    """
    if code not in TEMPLATES:
        raise NotFound(f"没有导入模板「{code}」。", f"可用的有：{'、'.join(TEMPLATES)}。")
    return TEMPLATES[code]


def checked(scope: Scope, template: Template, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[Entry]:
    """Return the rows' values.

    Raises:
        BadInput: some rows cannot be taken; each is named, and nothing is stored.
    """
    units = dict(
        OrgUnit.objects.filter(within(scope, IMPORT, "path"), valid_to=None).values_list("code", "pk")
    )
    live = indicators.live_definitions() if template.by_indicator else {}
    codes = {code: d.unit.value for code, (_, d) in live.items()}
    entries, problems = check_rows(template, rows, units, codes)
    if problems:
        raise BadInput(
            f"{len({p.row for p in problems})} 行不能导入，没有保存任何数据。",
            "请改正后重新上传。",
            problems=problems,
        )
    if not entries:
        raise BadInput("文件里没有数据行。", "请填写后重新上传。")
    return entries


def apply_rows(
    scope: Scope, *, now: datetime, code: str, rows: Sequence[tuple[int, Mapping[str, str]]]
) -> ExternalBatch:
    """Import rows as a new batch, all or none; figures and open schemes that depend on them follow.

    Raises:
        NotFound: no such template. BadInput: some rows cannot be taken.
    """
    scope.require(IMPORT)
    template = template_of(code)
    with transaction.atomic():
        entries = checked(scope, template, rows)
        last = ExternalBatch.objects.filter(template=code).aggregate(m=Max("number"))["m"] or 0
        periods = sorted({e.period for e in entries})
        batch = ExternalBatch.objects.create(
            template=code, number=last + 1, rows=len(rows), periods=periods, imported_at=now,
            imported_by=scope.actor_name,
        )  # fmt: skip
        ExternalValue.objects.bulk_create(
            [
                ExternalValue(batch=batch, dataset=template.dataset, item=e.item, org_id=e.org, period=e.period,
                              value=e.value, num=e.num, den=e.den)
                for e in entries
            ], batch_size=500,
        )  # fmt: skip
        batch.effect = _follow(scope, now, template, periods)
        batch.save(update_fields=["effect"])
        audit.record(
            scope,
            now=now,
            action="quality5c.external.import",
            kind="external_batch",
            object_id=batch.pk,
            label=str(batch),
            after={"rows": batch.rows, "periods": periods, **batch.effect},
        )
    return batch


def roll_back(scope: Scope, pk: int, *, now: datetime) -> ExternalBatch:
    """Take a batch back: the values before it count again, and scores return to what they were.

    Raises:
        NotFound: no such batch. Conflict: it was rolled back before.
    """
    scope.require(IMPORT)
    with transaction.atomic():
        batch = ExternalBatch.objects.select_for_update().filter(pk=pk).first()
        if batch is None:
            raise NotFound("没有这个导入批次。", "请从批次列表进入。")
        if batch.state == BatchState.ROLLED_BACK:
            raise Conflict("这个批次已经回退。", "无需重复办理。")
        batch.state = BatchState.ROLLED_BACK
        batch.rolled_back_at, batch.rolled_back_by = now, scope.actor_name
        batch.save(update_fields=["state", "rolled_back_at", "rolled_back_by"])
        effect = _follow(scope, now, template_of(batch.template), list(batch.periods))
        audit.record(
            scope,
            now=now,
            action="quality5c.external.roll_back",
            kind="external_batch",
            object_id=pk,
            label=str(batch),
            before={"state": "applied"},
            after={"state": "rolled_back", **effect},
        )
    return batch


def _follow(scope: Scope, now: datetime, template: Template, periods: Sequence[str]) -> dict[str, object]:
    """Compute the figures of external indicators anew and the open schemes that use them."""
    live = indicators.live_definitions(template.feeds) if template.feeds else {}
    touched = 0
    for code, (version, definition) in live.items():
        if definition.kind is not IndicatorKind.EXTERNAL:
            continue
        for period in periods:
            touched += _figures(code, version, definition.dataset, definition.min_den, period)
    system = Scope.system(f"外部数据（{scope.actor_name}）", via=scope.via)
    schemes = reevaluate_open(system, set(periods), now=now) if touched else []
    return {"indicators": sorted(live), "figures": touched, "schemes": [s.name for s in schemes]}


def _figures(code: str, version: int, dataset: tuple[str, str], min_den: int, period: str) -> int:
    """Store one external indicator's figures of one period, rolled up; remove those that nothing feeds now."""
    known = effective(dataset[0], dataset[1], period)
    parents = dict(OrgUnit.objects.filter(valid_to=None).values_list("pk", "parent_id"))
    above = {str(k): None if v is None else str(v) for k, v in parents.items()}
    total = roll_up({str(org): (n, d) for org, (n, d, _) in known.items()}, above)
    own: dict[tuple[str, int], Figure] = {
        (code, int(org)): figure_of(n, d, min_den=min_den) for org, (n, d) in total.items()
    }
    ever = ExternalValue.objects.filter(dataset=dataset[0], item=dataset[1], period=period)
    orphans = {
        int(o) for o in roll_up({str(o): (0, 0) for o in ever.values_list("org_id", flat=True)}, above)
    }
    gone = figures.forget_results(period, [code], orphans - {org for _, org in own})
    return gone + figures.record_results(own, period=period, versions={code: version}, source="external")


def effective(dataset: str, item: str, period: str) -> dict[int, tuple[float, float, float]]:
    """Return organisation → (numerator, denominator, value) of the newest batch that counts."""
    rows = (
        ExternalValue.objects.filter(
            dataset=dataset, item=item, period=period, batch__state=BatchState.APPLIED
        )
        .order_by("batch__imported_at", "batch_id")
        .values_list("org_id", "num", "den", "value")
    )
    return {
        org: (value if num is None else num, 1.0 if den is None else den, value)
        for org, num, den, value in rows
    }
