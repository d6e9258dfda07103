"""Use cases of availability (可用性业务操作): terms kept, exclusions asked for, decided, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from taxops.engines.base import CHINA, BadInput, Conflict, Interval, NotFound, NotPermitted, Scope, subtract
from taxops.platform.audit import services as audit
from taxops.platform.files.models import StoredFile
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.deciding import decide
from taxops.systems.operations.monitoring import queries as monitoring

from . import queries, telling
from .models import Agreement, Exclusion
from .rules import Cut, Reckoning, reckon, term_of, year_of
from .words import ExclusionKind, ExclusionState

REQUEST, APPROVE, AGREE = "availability.exclude", "availability.approve", "availability.agree"
LONGEST = timedelta(days=31)


# Agreements (可用性约定)


def keep_agreement(
    scope: Scope, *, now: datetime, values: Mapping[str, Any], pk: int | None = None
) -> Agreement:
    """Store a contract's terms (登记可用性约定), new or changed.

    Args:
        values: name, number, org_id, systems (ids), signed_on, total_s, each_s, streak_months,
            exclude_planned, coverage, source.

    Raises:
        BadInput: a value makes no sense.
        NotPermitted, NotFound: outside the actor's range.
    """
    plain = _checked(values)
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, AGREE, "path"), pk=values["org_id"]).first()
        if org is None:
            raise NotPermitted("所选机构不存在，或不在您的管理范围内。", "请重新选择机构。")
        systems = list(monitoring.systems_for(scope, AGREE).filter(pk__in=list(values["systems"])))
        if len(systems) != len(set(values["systems"])):
            raise NotPermitted("所选系统不存在，或不在您的管理范围内。", "请刷新后重新选择。")
        row = Agreement(created_at=now) if pk is None else _agreement(scope, pk)
        before = None if pk is None else _told(row)
        for name, value in plain.items():
            setattr(row, name, value)
        row.org, row.updated_at, row.version = org, now, row.version + (pk is not None)
        row.save()
        row.systems.set(systems)
        audit.record(
            scope,
            now=now,
            action="agreement.create" if pk is None else "agreement.edit",
            kind="agreement",
            object_id=row.pk,
            label=row.name,
            before=before,
            after={**_told(row), "systems": "、".join(s.name for s in systems) or "机构内全部系统"},
            org_path=org.path,
        )
    return row


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are stored.

    Raises:
        BadInput: one makes no sense.
    """
    if not str(values["name"]).strip():
        raise BadInput("请填写合同名称。", field="name")
    if not isinstance(values["signed_on"], date) or not 2000 <= values["signed_on"].year <= 2100:
        raise BadInput("签订日期不正确。", "请按 2026-01-01 的样式填写。", field="signed_on")
    if not 0 < values["each_s"] <= values["total_s"] <= 366 * 86400:
        raise BadInput("每次中断上限应大于 0，且不超过全年累计上限。", "请更正时长。", field="each_s")
    if not 1 <= values["streak_months"] <= 12:
        raise BadInput("连续无中断的月数应在 1 到 12 之间。", field="streak_months")
    if not 0 <= values["coverage"] <= 1:
        raise BadInput("覆盖率下限应在 0 到 100% 之间。", field="coverage")
    names = ("name", "number", "signed_on", "total_s", "each_s", "streak_months", "exclude_planned",
             "coverage", "source")  # fmt: skip
    return {name: values[name].strip() if isinstance(values[name], str) else values[name] for name in names}


def _told(row: Agreement) -> dict[str, object]:
    return {
        "name": row.name, "number": row.number, "signed_on": row.signed_on.isoformat(), "total_s": row.total_s,
        "each_s": row.each_s, "streak_months": row.streak_months, "exclude_planned": row.exclude_planned,
        "coverage": row.coverage, "source": row.source,
    }  # fmt: skip


def _agreement(scope: Scope, pk: int) -> Agreement:
    row = (
        Agreement.objects.select_for_update(of=("self",))
        .filter(within(scope, AGREE), pk=pk, archived_at=None)
        .first()
    )
    if row is None:
        raise NotFound("没有这个可用性约定。", "它可能已归档，或不在您的管理范围内。")
    return row


def archive_agreement(scope: Scope, pk: int, *, now: datetime) -> Agreement:
    """Put a contract's terms away (归档可用性约定); its systems fall to the next that fits.

    Raises:
        NotFound: not there.
    """
    with transaction.atomic():
        row = _agreement(scope, pk)
        row.archived_at = now
        row.save(update_fields=["archived_at"])
        audit.record(
            scope,
            now=now,
            action="agreement.archive",
            kind="agreement",
            object_id=row.pk,
            label=row.name,
            org_path=row.org.path,
        )
    return row


# Exclusions (剔除)


def try_exclusion(
    scope: Scope,
    *,
    now: datetime,
    system_id: int,
    starts_at: datetime,
    ends_at: datetime,
    permission: str = REQUEST,
) -> tuple[Reckoning, Reckoning, float]:
    """Return the year before and after an exclusion, and the seconds it takes out (试算); stores nothing.

    Raises:
        BadInput: the times make no sense.
        NotPermitted, NotFound: outside the actor's range.
    """
    _times(starts_at, ends_at, now)
    if not monitoring.systems_for(scope, permission).filter(pk=system_id).exists():
        raise NotPermitted("所选系统不存在，或不在您的管理范围内。", "请刷新后重新选择。")
    # What the actor may do was asked above; reading needs no more.
    system = monitoring.get_system(Scope.system(scope.actor_name), now, system_id)
    term = term_of(system.pk, system.org.path, queries.offers(), starts_at.astimezone(CHINA).date())
    year = year_of(term, starts_at)
    before = queries.reckon_systems([system], [(term, year)], now)[0]
    trial = Cut("T", Interval(starts_at, ends_at), "试算", decided_at=now)
    elapsed = Interval(year.start, before.figures.as_of)
    after = reckon(
        term,
        year,
        now,
        [one.outage for one in before.outages],
        [*(cut.cut for cut in before.cuts), trial],
        subtract([elapsed], before.dark),
    )
    return before, after, before.figures.downtime_s - after.figures.downtime_s


def request_exclusion(
    scope: Scope,
    *,
    now: datetime,
    system_id: int,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    evidence: str,
    file: StoredFile | None = None,
) -> Exclusion:
    """Ask that a stretch should not count (申请剔除); it does once another person has approved.

    Raises:
        BadInput: a field is empty, the times make no sense, or no counted outage lies in them.
        NotPermitted: the system lies outside the actor's range.
    """
    reason, evidence = reason.strip(), evidence.strip()
    if kind not in {code.value for code in ExclusionKind}:
        raise BadInput("请选择事由。", field="kind")
    if not reason:
        raise BadInput("请填写说明。", "写明为什么这段时间不应计入。", field="reason")
    if not evidence and file is None:
        raise BadInput("请写明佐证。", "例如通知文号、工单编号，或上传文件。", field="evidence")
    with transaction.atomic():
        _, _, taken = try_exclusion(scope, now=now, system_id=system_id, starts_at=starts_at, ends_at=ends_at)
        if taken <= 0:
            raise BadInput(
                "这段时间内没有计入的中断，无需剔除。",
                "请核对系统和时间；计划内的维护请申请维护窗口。",
                field="starts_at",
            )
        system = monitoring.systems_for(scope, REQUEST).get(pk=system_id)
        row = Exclusion.objects.create(
            system=system,
            kind=kind,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason[:1000],
            evidence=evidence[:500],
            file=file,
            requested_by_id=scope.actor_id,
            requested_at=now,
        )
        audit.record(
            scope,
            now=now,
            action="exclusion.request",
            kind="exclusion",
            object_id=row.pk,
            label=_label(row),
            after={
                "kind": ExclusionKind.label_of(kind),
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
                "reason": row.reason,
                "evidence": row.evidence,
                "takes_s": taken,
            },
            org_path=system.org.path,
        )
    return row


def _times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Do nothing when the times make sense.

    Raises:
        BadInput: they do not.
    """
    if ends_at <= starts_at:
        raise BadInput("结束时间应晚于开始时间。", field="ends_at")
    if ends_at > now:
        raise BadInput("剔除只能针对已经过去的时间。", "今后的维护请申请维护窗口。", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise BadInput("一条剔除不能超过 31 天。", "请分段申请。", field="ends_at")
    if now - starts_at > timedelta(days=3 * 366):
        raise BadInput("开始时间在三年以前。", "请检查年份。", field="starts_at")


def _label(row: Exclusion) -> str:
    return f"{row.system.name} {ExclusionKind.label_of(row.kind)}"


def _load(scope: Scope, pk: int, permission: str) -> Exclusion:
    """Return the exclusion, locked.

    Raises:
        NotFound: none within the actor's range.
    """
    row = (
        Exclusion.objects.select_for_update(of=("self",))
        .select_related("system__org")
        .filter(within(scope, permission, "system__org__path"), pk=pk)
        .first()
    )
    if row is None:
        raise NotFound("没有这条剔除。", "它可能不在您的管理范围内。")
    return row


def decide_exclusion(scope: Scope, pk: int, *, now: datetime, agree: bool, note: str = "") -> Exclusion:
    """Approve or refuse an exclusion (审批剔除); never one's own. Reports that it touches get a new version.

    Raises:
        NotFound, NotPermitted: not there, or the actor asked for it.
        Conflict: it is decided already.
        BadInput: refused without a reason.
    """
    with transaction.atomic():
        row = _load(scope, pk, APPROVE)
        after = decide(row, scope, now=now, agree=agree, note=note, noun="剔除", states=ExclusionState)
        if agree:
            telling.tell(Interval(row.starts_at, row.ends_at), now)
        audit.record(
            scope,
            now=now,
            action="exclusion.approve" if agree else "exclusion.reject",
            kind="exclusion",
            object_id=row.pk,
            label=_label(row),
            before={"state": ExclusionState.REQUESTED.value},
            after=after,
            org_path=row.system.org.path,
        )
    return row


def revoke_exclusion(scope: Scope, pk: int, *, now: datetime, why: str) -> Exclusion:
    """Take back an approved exclusion (撤销剔除), or one's own request; the outage counts again.

    Raises:
        NotFound, NotPermitted: not there, or not the actor's to take back.
        Conflict: it does not stand.
        BadInput: no reason is given.
    """
    why = why.strip()[:400]
    if not why:
        raise BadInput("请写明撤销原因。", field="why")
    with transaction.atomic():
        mine = Exclusion.objects.filter(
            pk=pk, state=ExclusionState.REQUESTED, requested_by_id=scope.actor_id
        ).exists()
        row = _load(scope, pk, REQUEST if mine and scope.actor_id is not None else APPROVE)
        if row.state not in {ExclusionState.REQUESTED, ExclusionState.APPROVED}:
            raise Conflict(f"该剔除{ExclusionState.label_of(row.state)}，不能撤销。", "请刷新后查看。")
        before = row.state
        row.state, row.revoked_by_id, row.revoked_at = ExclusionState.REVOKED.value, scope.actor_id, now
        row.revoked_why = why
        row.save(update_fields=["state", "revoked_by", "revoked_at", "revoked_why"])
        if before == ExclusionState.APPROVED:
            telling.tell(Interval(row.starts_at, row.ends_at), now)
        audit.record(
            scope,
            now=now,
            action="exclusion.revoke",
            kind="exclusion",
            object_id=row.pk,
            label=_label(row),
            before={"state": before},
            after={"state": row.state, "why": why},
            org_path=row.system.org.path,
        )
    return row
