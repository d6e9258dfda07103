"""Inhibitions (抑制规则): what keeps what quiet, as data that is checked before it counts, and can be taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import Conflict, NotFound, Scope
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import AlertInhibition
from taxops.systems.operations.alerting.rules import InhibitionFacts, accept_inhibition, refuse_loop
from taxops.systems.operations.alerting.showing import tell_pages

from .planning import inhibition_facts, inhibitions_in_force, plan_changed
from .routing import visible
from .turning import turn_soon

INHIBIT = "alerting.inhibit"


def save_inhibition(
    scope: Scope, *, now: datetime, facts: InhibitionFacts, org_id: int | None, pk: int | None = None
) -> AlertInhibition:
    """Add an inhibition or change one (保存抑制规则); it counts from the desk's next turn.

    Args:
        facts: what it says; its `org_path` is not looked at, the organisation is.
        org_id: the subtree in which it holds; None: everywhere, for those whose range is the root's.

    Raises:
        NotFound: no such rule or organisation within the actor's range.
        BadInput: it would keep nearly everything quiet, says too little, or makes a circle with others; nothing was
            stored.
    """
    scope.require(INHIBIT)
    good = accept_inhibition(facts)
    with transaction.atomic():
        row = AlertInhibition() if pk is None else _mine(scope, pk)
        before = _shown(row) if pk is not None else {}
        row.org = _org(scope, org_id)
        row.name, row.reason = good.name, good.reason
        row.source, row.target, row.equal = list(good.source), list(good.target), list(good.equal)
        row.version = row.version + 1 if pk is not None else 1
        row.updated_at = now
        row.save()
        if row.retired_at is None:
            _refuse_loop(row)
        _changed(scope, row, now, "alert_inhibition.edit" if pk else "alert_inhibition.add", before)
    return row


def retire_inhibition(scope: Scope, pk: int, *, now: datetime) -> AlertInhibition:
    """Let an inhibition count no more (停用抑制规则); what it kept quiet and still lasts will be told.

    Raises:
        NotFound: none within the actor's range.
        Conflict: it is retired already.
    """
    return _turn(scope, pk, now=now, retired_at=now)


def restore_inhibition(scope: Scope, pk: int, *, now: datetime) -> AlertInhibition:
    """Let a retired inhibition count again (恢复抑制规则).

    Raises:
        NotFound: none within the actor's range.
        Conflict: it is in force already.
        BadInput: it would make a circle with others that came meanwhile.
    """
    return _turn(scope, pk, now=now, retired_at=None)


def _turn(scope: Scope, pk: int, *, now: datetime, retired_at: datetime | None) -> AlertInhibition:
    scope.require(INHIBIT)
    with transaction.atomic():
        row = _mine(scope, pk)
        if (row.retired_at is None) == (retired_at is None):
            raise Conflict(f"「{row.name}」已经{'停用' if retired_at else '启用'}。", "请刷新列表。")
        before = _shown(row)
        row.retired_at, row.updated_at, row.version = retired_at, now, row.version + 1
        row.save(update_fields=["retired_at", "updated_at", "version"])
        if retired_at is None:
            _refuse_loop(row)
        _changed(
            scope, row, now, "alert_inhibition.retire" if retired_at else "alert_inhibition.restore", before
        )
    return row


def _refuse_loop(row: AlertInhibition) -> None:
    """Do nothing when the row, stored and in force, makes no circle; otherwise the transaction is undone."""
    facts = inhibitions_in_force()
    refuse_loop(facts, facts.index(inhibition_facts(row)))


def _mine(scope: Scope, pk: int) -> AlertInhibition:
    found = (
        AlertInhibition.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(visible(scope, INHIBIT), pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有这条抑制规则。", "它可能不在您的管理范围内。")
    return found


def _org(scope: Scope, org_id: int | None) -> OrgUnit | None:
    root = OrgUnit.objects.filter(parent=None).order_by("pk").first()
    if org_id is None and (root is None or scope.allows(INHIBIT, root.path)):
        return None
    org = OrgUnit.objects.filter(within(scope, INHIBIT, "path"), pk=org_id or 0).first()
    if org is None:
        raise NotFound("没有这个机构，或它不在您的管理范围内。", "请重新选择适用机构。")
    return org


def _shown(row: AlertInhibition) -> dict[str, object]:
    facts = inhibition_facts(row)
    return {
        "name": facts.name,
        "source": list(facts.source),
        "target": list(facts.target),
        "equal": list(facts.equal),
        "reason": facts.reason,
        "org": facts.org_path,
        "retired_at": row.retired_at.isoformat() if row.retired_at else "",
    }


def _changed(
    scope: Scope, row: AlertInhibition, now: datetime, action: str, before: dict[str, object]
) -> None:
    plan_changed()
    audit.record(
        scope,
        now=now,
        action=action,
        kind="alert_inhibition",
        object_id=row.pk,
        label=row.name,
        before=before,
        after=_shown(row),
        org_path=row.org.path if row.org else "",
    )
    tell_pages("inhibition", scope_path=row.org.path if row.org else "")
    turn_soon(now)
