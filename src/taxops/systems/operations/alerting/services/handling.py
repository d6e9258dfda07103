"""What people do with alerts (处理告警): somebody says that he has seen it and what he does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import Alert, AlertEvent
from taxops.systems.operations.alerting.showing import tell_pages
from taxops.systems.operations.alerting.words import AlertState, What

from .turning import turn_soon

ACKNOWLEDGE = "monitoring.run"


def _clean(note: str) -> str:
    note = note.strip()
    if len(note) > 400:
        raise BadInput("说明不能超过 400 个字符。", field="note")
    return note


def acknowledge(scope: Scope, pk: int, *, now: datetime, note: str = "") -> Alert:
    """Confirm that an alert is being looked at (确认告警); its repeats and escalations stop.

    Raises:
        NotFound: none within the actor's range.
        Conflict: somebody else confirmed it first.
        BadInput: the note is too long.
    """
    note = _clean(note)
    with transaction.atomic():
        alert = (
            Alert.objects.select_for_update(of=("self",))
            .select_related("org", "acknowledged_by")
            .filter(within(scope, ACKNOWLEDGE), pk=pk)
            .first()
        )
        if alert is None:
            raise NotFound("没有这条告警。", "它可能不在您的管理范围内。")
        if alert.acknowledged_at is not None:
            who = alert.acknowledged_by.display_name if alert.acknowledged_by else "系统"
            raise Conflict(f"{who}已确认这条告警。", "如需补充，请与其联系。")
        _confirm(scope, alert, now, note)
    return alert


def acknowledge_many(scope: Scope, pks: Sequence[int], *, now: datetime, note: str = "") -> int:
    """Confirm these alerts, those that are open and within the range; return how many (批量确认)."""
    note = _clean(note)
    with transaction.atomic():
        rows = list(
            Alert.objects.select_for_update(of=("self",))
            .select_related("org")
            .filter(within(scope, ACKNOWLEDGE), pk__in=list(pks), state=AlertState.OPEN, acknowledged_at=None)
            .order_by("pk")
        )
        for alert in rows:
            _confirm(scope, alert, now, note)
    return len(rows)


def _confirm(scope: Scope, alert: Alert, now: datetime, note: str) -> None:
    before = {"state": alert.state}
    if alert.state == AlertState.OPEN:
        alert.state = AlertState.ACKNOWLEDGED.value
    alert.acknowledged_at, alert.acknowledged_by_id, alert.acknowledged_note = now, scope.actor_id, note
    alert.last_at = now
    alert.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_note", "last_at"])
    AlertEvent.objects.create(
        alert=alert, what=What.ACKNOWLEDGED.value, at=now, who=scope.actor_name[:80], note=note
    )
    audit.record(
        scope,
        now=now,
        action="alert.acknowledge",
        kind="alert",
        object_id=alert.pk,
        label=alert.title,
        before=before,
        after={"state": alert.state, "note": note},
        org_path=alert.org.path,
    )
    tell_pages("alert", scope_path=alert.org.path)
    turn_soon(now)


def assign_alert(
    scope: Scope,
    alert: Alert,
    *,
    now: datetime,
    system_id: int,
    system_code: str,
    system_name: str,
    org_id: int,
    org_path: str,
) -> None:
    """Give an alert to a system (指派给系统), inside the caller's transaction and with its permission.

    The desk takes it as new under its new labels: those of the system are told, whoever was told before.
    """
    before = {"system": alert.labels.get("system", "")}
    alert.labels = {**alert.labels, "system": system_code, "org": org_path}
    alert.system_id, alert.org_id, alert.last_at, alert.group_key = system_id, org_id, now, ""
    alert.save(update_fields=["labels", "system", "org", "last_at", "group_key"])
    if alert.state != AlertState.RESOLVED:
        AlertEvent.objects.create(
            alert=alert, what=What.ASSIGNED.value, at=now, who=scope.actor_name[:80], note=system_name[:500]
        )
    audit.record(
        scope,
        now=now,
        action="alert.assign",
        kind="alert",
        object_id=alert.pk,
        label=alert.title,
        before=before,
        after={"system": system_code},
        org_path=org_path,
    )
    tell_pages("alert", scope_path=org_path)
    turn_soon(now)
