"""Confirming a kind, and taking that back (确认已验证、撤回)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, Scope
from taxops.platform.audit import services as audit

from . import queries
from .models import KindProof

EDIT = "monitoring.edit"


def confirm(scope: Scope, kind: str, *, now: datetime, against: str, note: str) -> KindProof:
    """Note that a kind's results were compared with the real product (确认已验证).

    Raises:
        NotPermitted.
        NotFound: no such kind.
        BadInput: it is not said against which version, or how.
        Conflict: the kind is judged by the platform; there is nothing to compare.
    """
    scope.require(EDIT)
    found = queries.get_kind(kind)
    if found.kind.passive:
        raise Conflict("这类检查由平台判断，不连接外部系统。", "无需确认。")
    against, note = against.strip(), note.strip()
    if not against:
        raise BadInput("请填写产品与版本。", "例如 Kafka 3.6.1。", field="against")
    if len(note) < 4:
        raise BadInput(
            "请写明怎样验证的。", "例如 与 kafka-consumer-groups.sh 的输出对照，积压一致。", field="note"
        )
    with transaction.atomic():
        made = KindProof.objects.create(
            kind=kind, against=against[:120], note=note[:400], confirmed_at=now, confirmed_by_id=scope.actor_id,
            by_name=scope.actor_name[:80],
        )  # fmt: skip
        audit.record(
            scope, now=now, action="kind.confirm", kind="check-kind", object_id=kind, label=found.kind.title,
            after={"against": made.against, "note": made.note},
        )  # fmt: skip
    return made


def withdraw(scope: Scope, kind: str, *, now: datetime) -> int:
    """Take a kind's confirmations back (撤回验证); return how many.

    Raises:
        NotPermitted, NotFound.
        Conflict: none stands.
    """
    scope.require(EDIT)
    found = queries.get_kind(kind)
    with transaction.atomic():
        rows = KindProof.objects.filter(kind=kind, withdrawn_at=None)
        count = rows.update(withdrawn_at=now, withdrawn_by=scope.actor_name[:80])
        if not count:
            raise Conflict("没有可撤回的确认。", "它可能已被撤回。")
        audit.record(
            scope, now=now, action="kind.withdraw", kind="check-kind", object_id=kind, label=found.kind.title,
            before={"confirmed": True}, after={"confirmed": False},
        )  # fmt: skip
    return count
