"""Alerts (告警): somebody says that he has seen it and what he does about it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Alert
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import AlertState

ACKNOWLEDGE = "monitoring.run"


def acknowledge(scope: Scope, pk: int, *, now: datetime, note: str = "") -> Alert:
    """Confirm that an alert is being looked at (确认告警).

    Raises:
        NotFound: none within the actor's range.
        Conflict: somebody else confirmed it first.
        BadInput: the note is too long.
    """
    note = note.strip()
    if len(note) > 400:
        raise BadInput("说明不能超过 400 个字符。", field="note")
    with transaction.atomic():
        alert = (
            Alert.objects.select_for_update(of=("self",))
            .select_related("system__org", "acknowledged_by")
            .filter(within(scope, ACKNOWLEDGE, "system__org__path"), pk=pk)
            .first()
        )
        if alert is None:
            raise NotFound("没有这条告警。", "它可能不在您的管理范围内。")
        if alert.acknowledged_at is not None:
            who = alert.acknowledged_by.display_name if alert.acknowledged_by else "系统"
            raise Conflict(f"{who}已确认这条告警。", "如需补充，请与其联系。")
        before = {"state": alert.state}
        if alert.state == AlertState.OPEN:
            alert.state = AlertState.ACKNOWLEDGED.value
        alert.acknowledged_at, alert.acknowledged_by_id, alert.acknowledged_note = now, scope.actor_id, note
        alert.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "acknowledged_note"])
        audit.record(
            scope,
            now=now,
            action="alert.acknowledge",
            kind="alert",
            object_id=alert.pk,
            label=alert.title,
            before=before,
            after={"state": alert.state, "note": note},
            org_path=alert.system.org.path,
        )
        tell_pages("alert", scope_path=alert.system.org.path)
    return alert
