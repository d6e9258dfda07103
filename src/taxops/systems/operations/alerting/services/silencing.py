"""Silences (静默): somebody wants quiet for a while, says why, and takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import Alert, AlertSilence
from taxops.systems.operations.alerting.rules import accept_silence, silences_for
from taxops.systems.operations.alerting.showing import tell_pages
from taxops.systems.operations.alerting.words import AlertState

from .planning import plan_changed
from .turning import turn_soon

SILENCE = "alerting.silence"
MOST_AT_ONCE = 100


def silence(
    scope: Scope,
    *,
    now: datetime,
    org_id: int,
    matchers: Sequence[str],
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
) -> AlertSilence:
    """Keep matching alerts of an organisation's subtree quiet (静默告警). They stay in the inbox.

    Raises:
        NotFound: no such organisation within the actor's range.
        BadInput: it would hide everything, or says no why, or no sensible time.
    """
    scope.require(SILENCE)
    texts = accept_silence(matchers, starts_at, ends_at, reason)
    with transaction.atomic():
        org = OrgUnit.objects.filter(within(scope, SILENCE, "path"), pk=org_id).first()
        if org is None:
            raise NotFound("没有这个机构，或它不在您的管理范围内。", "请重新选择适用机构。")
        made = AlertSilence.objects.create(
            org=org,
            matchers=texts,
            reason=reason.strip(),
            starts_at=starts_at,
            ends_at=ends_at,
            created_by_id=scope.actor_id,
            created_at=now,
        )
        _changed(scope, made, now, "alert_silence.add", {"matchers": texts, "reason": made.reason})
    return made


def silence_alerts(
    scope: Scope, pks: Sequence[int], *, now: datetime, ends_at: datetime, reason: str
) -> list[AlertSilence]:
    """Keep these alerts quiet from now on (批量静默), by the fewest silences that name them and no others.

    Returns:
        The silences made. Alerts outside the actor's range and those that are over are left out.

    Raises:
        BadInput: none is left, an alert has no labels of its own, no reason, no sensible end, or too many silences.
    """
    scope.require(SILENCE)
    with transaction.atomic():
        rows = (
            Alert.objects.filter(within(scope, SILENCE), pk__in=list(pks))
            .exclude(state=AlertState.RESOLVED)
            .order_by("pk")
        )
        wanted = silences_for((alert.org_id, alert.labels) for alert in rows)
        if not wanted:
            raise BadInput("选中的告警都已恢复，或不在您的管理范围内。", "请刷新告警收件箱后重新勾选。")
        if len(wanted) > MOST_AT_ONCE:
            raise BadInput(
                f"这些告警需要 {len(wanted)} 条静默，一次最多 {MOST_AT_ONCE} 条。", "请按系统分批操作。"
            )
        return [
            silence(
                scope,
                now=now,
                org_id=org_id,
                matchers=matchers,
                starts_at=now,
                ends_at=ends_at,
                reason=reason,
            )
            for org_id, matchers in wanted
        ]


def end_silence(scope: Scope, pk: int, *, now: datetime) -> AlertSilence:
    """End a silence before its time (提前结束静默); what it kept quiet and still lasts will be told.

    Raises:
        NotFound: none within the actor's range.
        Conflict: it is over already.
    """
    with transaction.atomic():
        found = (
            AlertSilence.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(within(scope, SILENCE), pk=pk)
            .first()
        )
        if found is None:
            raise NotFound("没有这条静默。", "它可能不在您的管理范围内。")
        if found.ended_at is not None or found.ends_at <= now:
            raise Conflict("这条静默已经结束。", "请刷新列表。")
        found.ended_at, found.ended_by_id = now, scope.actor_id
        found.save(update_fields=["ended_at", "ended_by"])
        _changed(scope, found, now, "alert_silence.end", {"ended_at": now.isoformat()})
    return found


def _changed(scope: Scope, row: AlertSilence, now: datetime, action: str, after: dict[str, object]) -> None:
    plan_changed()
    audit.record(
        scope,
        now=now,
        action=action,
        kind="alert_silence",
        object_id=row.pk,
        label=str(row)[:200],
        after=after,
        org_path=row.org.path,
    )
    tell_pages("silence", scope_path=row.org.path)
    turn_soon(now)
