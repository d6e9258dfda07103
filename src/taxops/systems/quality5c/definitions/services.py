"""Use cases of indicators (指标维护): drafts, review, publication, figures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.engines.indicators import Definition, IndicatorKind, Period, library_of
from taxops.platform.audit import services as audit
from taxops.platform.jobs.services import enqueue
from taxops.systems.quality5c import lifecycle
from taxops.systems.quality5c.lifecycle import Act, VersionState

from .models import DataProblem, Indicator, IndicatorResult, IndicatorVersion
from .queries import live_definitions, may_for_province, periods, require_province
from .rules import Figure
from .shipped import data_of, located, parse_text, shipped

EDIT = "quality5c.edit"
REVIEW = "quality5c.review"


def load_shipped(scope: Scope, *, now: datetime) -> int:
    """Store the indicators that come with the product as published first versions; repeating adds nothing."""
    known = set(Indicator.objects.values_list("code", flat=True))
    with transaction.atomic():
        fresh = [(text, d) for code, (text, d) in shipped().items() if code not in known]
        made = Indicator.objects.bulk_create([_indicator(d, live=1) for _, d in fresh])
        by_code = {i.code: i for i in made}
        IndicatorVersion.objects.bulk_create(
            IndicatorVersion(
                indicator=by_code[d.code], number=1, text=text, content_hash=d.content_hash,
                state=VersionState.LIVE.value, author_name="随产品交付", reviewer_name=scope.actor_name,
                created_at=now, decided_at=now, note="随产品交付的初始版本",
            )
            for text, d in fresh
        )  # fmt: skip
        if fresh:
            audit.record(
                scope,
                now=now,
                action="quality5c.indicator.load",
                kind="indicator",
                object_id="shipped",
                label=f"随产品交付的指标 {len(fresh)} 个",
                after={"codes": [d.code for _, d in fresh]},
            )
    return len(fresh)


def _indicator(d: Definition, live: int | None = None) -> Indicator:
    return Indicator(code=d.code, live_version=live, **_facts(d))


def _facts(d: Definition) -> dict[str, str]:
    return {
        "name": d.name, "aspect": d.aspect, "unit": d.unit.value, "direction": d.direction.value,
        "owner": str(d.owner.get("dept", "")),
    }  # fmt: skip


def save_draft(scope: Scope, *, now: datetime, text: str, note: str = "") -> IndicatorVersion:
    """Store a definition as a draft: a new version of its code, or a change of the author's own draft.

    Published versions stay as they are; their results too. A city or county proposes its own instead.

    Raises:
        NotPermitted: who may not write for the whole province.
        BadInput: the definition cannot be; the message names indicator, key, and line and column.
    """
    require_province(scope, EDIT)
    definition = checked(text)
    with transaction.atomic():
        indicator, _ = Indicator.objects.get_or_create(code=definition.code, defaults=_facts(definition))
        latest = (
            IndicatorVersion.objects.select_for_update()
            .filter(indicator=indicator)
            .order_by("-number")
            .first()
        )
        if (
            latest is not None
            and latest.content_hash == replace(definition, version=latest.number).content_hash
        ):
            raise BadInput("内容与现有的最新版本相同，没有保存。", "请修改后再保存。", field="text")
        editable = {VersionState.DRAFT.value, VersionState.TRIAL.value}
        if latest is not None and latest.state in editable and latest.author_id == scope.actor_id:
            version, before = latest, latest.text
        else:
            number = 1 if latest is None else latest.number + 1
            version, before = IndicatorVersion(indicator=indicator, number=number), ""
        version.text = text.strip() + "\n"
        version.content_hash = replace(definition, version=version.number).content_hash
        version.state = VersionState.DRAFT.value
        version.author_id, version.author_name = scope.actor_id, scope.actor_name
        version.created_at, version.note = now, note[:300]
        version.save()
        audit.record(
            scope,
            now=now,
            action="quality5c.indicator.draft",
            kind="indicator",
            object_id=indicator.code,
            label=str(version),
            before={"text": before},
            after={"text": version.text, "note": note},
        )
    return version


def take_over(
    scope: Scope, *, now: datetime, text: str, author_id: int | None, author_name: str, note: str
) -> IndicatorVersion:
    """Store somebody else's definition of a new indicator as his draft (采纳的提议); nothing counts by that.

    Raises:
        NotPermitted: who may not review for the whole province.
        BadInput: the definition cannot be. Conflict: the code was taken meanwhile.
    """
    require_province(scope, REVIEW)
    definition = checked(text)
    with transaction.atomic():
        indicator, fresh = Indicator.objects.get_or_create(code=definition.code, defaults=_facts(definition))
        if not fresh:
            raise Conflict(
                f"指标代码「{indicator.code}」已被使用。", "请退回，由提议单位换一个代码。", field="text"
            )
        version = IndicatorVersion.objects.create(
            indicator=indicator, number=1, text=text.strip() + "\n",
            content_hash=replace(definition, version=1).content_hash, author_id=author_id,
            author_name=author_name, created_at=now, note=note[:300],
        )  # fmt: skip
        audit.record(
            scope,
            now=now,
            action="quality5c.indicator.draft",
            kind="indicator",
            object_id=indicator.code,
            label=str(version),
            before={"text": ""},
            after={"text": version.text, "note": version.note},
        )
    return version


def checked(text: str) -> Definition:
    """Return the definition of a text that is whole and refers to what is there, without a cycle."""
    data_of(text)
    try:
        found = parse_text(text)
        live = {code: d for code, (_, d) in live_definitions().items()}
        library_of([*{**live, found.code: found}.values()])
    except BadInput as error:
        raise BadInput(error.what, error.todo, field="text", problems=located(text, error)) from error
    return found


def decide(scope: Scope, pk: int, act: Act, *, now: datetime, note: str = "") -> IndicatorVersion:
    """Take a version one step further (提交、复核、启用、退回、停用).

    Raises:
        NotFound: there is no such version.
        NotPermitted: no permission, or the author reviews his own.
        Conflict: the state does not allow it.
    """
    require_province(scope, REVIEW if act in lifecycle.DECISIONS else EDIT)
    with transaction.atomic():
        version = (
            IndicatorVersion.objects.select_for_update(of=("self",)).select_related("indicator").filter(pk=pk).first()
        )  # fmt: skip
        if version is None:
            raise NotFound("没有这个指标版本。", "请从指标页面进入。")
        before = lifecycle.advance(
            version, act, actor_id=scope.actor_id, actor_name=scope.actor_name, now=now, note=note
        )
        version.save()
        if act is Act.PUBLISH:
            _make_live(version)
            _compute_newest(scope, version, now=now)
        elif act is Act.RETIRE:
            Indicator.objects.filter(pk=version.indicator_id, live_version=version.number).update(
                live_version=None
            )
        audit.record(
            scope,
            now=now,
            action=f"quality5c.indicator.{act.value}",
            kind="indicator",
            object_id=version.indicator.code,
            label=str(version),
            before={"state": before},
            after={"state": version.state, "note": note},
        )
    return version


def _make_live(version: IndicatorVersion) -> None:
    """Retire the version that counted so far and let this one count."""
    IndicatorVersion.objects.filter(indicator_id=version.indicator_id, state=VersionState.LIVE.value).exclude(
        pk=version.pk
    ).update(state=VersionState.RETIRED.value)
    d = parse_text(version.text)
    Indicator.objects.filter(pk=version.indicator_id).update(live_version=version.number, **_facts(d))


JOB = "quality5c.compute"


def _compute_newest(scope: Scope, version: IndicatorVersion, *, now: datetime) -> None:
    """Ask for the figures of the newest period, so that a version just published can be seen at once."""
    known = periods()
    if known and parse_text(version.text).kind is not IndicatorKind.EXTERNAL:
        ask_computation(scope, now=now, period=known[0], codes=[version.indicator.code])


def ask_computation(scope: Scope, *, now: datetime, period: str, codes: Sequence[str] = ()) -> str:
    """Ask for the figures of a period in the background (计算指标); return the job's id.

    Args:
        codes: which indicators; all that count by default.

    Raises:
        BadInput: no period, or a code that does not count.
    """
    if not may_for_province(scope, REVIEW):
        require_province(scope, EDIT)
    whole = str(Period.parse(period))
    wanted = sorted(set(codes))
    strange = sorted(set(wanted) - set(live_definitions(wanted))) if wanted else []
    if strange:
        raise BadInput(f"没有启用的指标：{'、'.join(strange)}。", "请核对指标代码。", field="codes")
    title = f"计算 {whole} 的" + (
        "、".join(wanted[:5]) + ("等" if len(wanted) > 5 else "") if wanted else "全部指标"
    )
    args = {"period": whole, "codes": wanted}
    key = f"{whole}:{hashlib.sha256('|'.join(wanted).encode()).hexdigest()[:24]}"
    return enqueue(JOB, args, scope=scope, now=now, key=key, title=title).id


def record_results(
    figures: Mapping[tuple[str, int], Figure],
    *,
    period: str,
    versions: Mapping[str, int],
    fingerprints: Mapping[str, str] | None = None,
    source: str = "warehouse",
    manifest: int | None = None,
) -> int:
    """Store figures of one period, replacing what was there for these codes and units (指标结果入库).

    Args:
        figures: (code, organisation id) → figure.
        period: `2025-06`.
        versions: code → definition version that was computed.
        fingerprints: code → fingerprint of what it was computed from.
        source: `warehouse` or `external`.
        manifest: number of the warehouse's manifest that they were computed from.
    """
    known = fingerprints or {}
    rows = [
        IndicatorResult(
            code=code, version=versions.get(code, 1), org_id=org, period=period, num=f.num, den=f.den,
            value=f.value, state=f.state, fingerprint=known.get(code, ""), source=source,
            manifest=manifest,
        )
        for (code, org), f in figures.items()
    ]  # fmt: skip
    with transaction.atomic():
        IndicatorResult.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["period", "code", "version", "org", "source"],

            update_fields=["num", "den", "value", "state", "fingerprint", "manifest"],
        )  # fmt: skip
    return len(rows)


def record_problems(period: str, problems: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Store what checks found wrong in a period (数据核对问题), in place of what was known of these indicators.

    Args:
        period: `2025-06`.
        problems: code → (check, what it found); an empty list: all is well again.
    """
    with transaction.atomic():
        DataProblem.objects.filter(period=period, code__in=list(problems)).delete()
        DataProblem.objects.bulk_create(
            [
                DataProblem(code=code, period=period, kind=kind, text=text[:200])
                for code, found in problems.items()
                for kind, text in found
            ],
            batch_size=500,
        )


def forget_results(period: str, codes: Iterable[str], orgs: Iterable[int]) -> int:
    """Remove imported figures whose source no longer holds, so that a roll-back leaves nothing behind."""
    gone, _ = IndicatorResult.objects.filter(
        period=period, code__in=list(codes), org_id__in=list(orgs), source="external"
    ).delete()
    return gone
