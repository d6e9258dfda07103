"""Reading a configuration and approving it (读取配置、审批快照): the one who asks never approves."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope, Unavailable
from taxops.platform.audit import services as audit
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Check

from . import queries
from .models import ConfigSnapshot
from .rules import SnapshotState


def read_present(scope: Scope, pk: int, *, now: datetime) -> str:
    """Return what the configuration is now, read by the check itself (读取现在的配置); secrets stay covered.

    Raises:
        NotFound, TooOften.
        Unavailable: it cannot be read; says why.
    """
    check = queries.get_config(scope, now, pk, permission="monitoring.run")
    definition = monitoring.definition_of(check)
    params = {n: v for n, v in definition.params.items() if n not in {"approved", "digest"}}
    result = monitoring.try_definition(
        scope,
        now=now,
        definition=replace(definition, params=params),
        system_id=check.system_id,
        check_id=check.pk,
    )
    found = result.evidence.get("snapshot")
    if not isinstance(found, str):
        raise Unavailable(f"没有读到配置：{result.message}", "请在检查项页面点「试一试」查看过程。")
    return found


def propose(scope: Scope, pk: int, *, now: datetime, content: str, reason: str) -> ConfigSnapshot:
    """Ask for a configuration to be approved (提交快照).

    Raises:
        NotPermitted, NotFound.
        BadInput: nothing was read, or no reason is given.
        Conflict: one waits already, or it is what is approved.
    """
    reason = reason.strip()
    if not content.strip():
        raise BadInput("内容是空的。", "请先读取现在的配置。", field="content")
    if len(reason) < 4:
        raise BadInput("请写明变更原因。", "例如变更单号与内容。", field="reason")
    with transaction.atomic():
        check = queries.get_config(scope, now, pk, permission=queries.EDIT)
        Check.objects.select_for_update(no_key=True).get(pk=check.pk)
        if ConfigSnapshot.objects.filter(check_row=check, state=SnapshotState.REQUESTED).exists():
            raise Conflict("已有一份快照等待批准。", "请先处理那一份。")
        if queries.approved_text(check).splitlines() == content.splitlines():
            raise Conflict("与已批准的内容相同。", "无需再批准。")
        made = ConfigSnapshot.objects.create(
            check_row=check, content=content, digest=hashlib.sha256(content.encode()).hexdigest(),
            reason=reason[:400], taken_at=now, taken_by_id=scope.actor_id,
        )  # fmt: skip
        _record(scope, made, check, now, "config.propose", {"digest": made.digest, "reason": made.reason})
    return made


def decide(scope: Scope, pk: int, *, now: datetime, approve: bool, note: str = "") -> ConfigSnapshot:
    """Approve a snapshot or refuse it (审批快照); an approved one is what the check compares with from now on.

    Raises:
        NotFound.
        NotPermitted: the one who asked may not decide.
        Conflict: it was decided already.
        BadInput: refused without a word.
    """
    with transaction.atomic():
        found = queries.get_snapshot(scope, pk)
        held = ConfigSnapshot.objects.select_for_update(no_key=True).get(pk=found.pk)
        if held.state != SnapshotState.REQUESTED:
            raise Conflict("这份快照已经审批过。", "请刷新页面。")
        if held.taken_by_id is not None and held.taken_by_id == scope.actor_id:
            raise NotPermitted("不能审批自己提交的快照。", "请由另一人审批。")
        if not approve and len(note.strip()) < 2:
            raise BadInput("不同意时请写明原因。", field="note")
        check = found.check_row
        if approve:
            definition = monitoring.definition_of(check)
            params = {n: v for n, v in definition.params.items() if n != "digest"}
            monitoring.edit_check(
                scope,
                check.pk,
                now=now,
                definition=replace(definition, params={**params, "approved": held.content}),
            )
        held.state = (SnapshotState.APPROVED if approve else SnapshotState.REJECTED).value
        held.decided_at, held.decided_by_id, held.decision_note = now, scope.actor_id, note.strip()[:400]
        held.save(update_fields=["state", "decided_at", "decided_by", "decision_note"])
        _record(
            scope, held, check, now, "config.approve" if approve else "config.reject",
            {"digest": held.digest, "note": held.decision_note},
        )  # fmt: skip
    return held


def _record(
    scope: Scope, made: ConfigSnapshot, check: Check, now: datetime, action: str, after: dict[str, object]
) -> None:
    audit.record(
        scope, now=now, action=action, kind="check", object_id=check.pk, label=check.name,
        after={"snapshot": made.pk, **after}, org_path=check.system.org.path,
    )  # fmt: skip
