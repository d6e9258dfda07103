"""Many checks at once (批量建立与修改): the same rows as one by one, in a number of statements that does not grow.

Called inside the caller's transaction, with the scope already asked; the caller writes the audit entry.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from taxops.engines.base import Conflict, Scope, new_id, to_millis
from taxops.systems.operations.monitoring.definitions import Definition, Fit, fit
from taxops.systems.operations.monitoring.ingest import systems
from taxops.systems.operations.monitoring.models import (
    Check,
    CheckState,
    CheckVersion,
    MonitoredSystem,
    StateChange,
)
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import Cause, Turn

from . import probers
from .checks import fill, keeps_trends, restart
from .descriptions import definition_of, kept_secrets, shown_definition
from .heartbeats import new_key

COMPARED = (
    "name", "kind", "target", "params", "conditions", "warnings", "interval_s", "retry_interval_s", "timeout_s",
    "confirm", "recover", "zone", "item", "severity", "note", "asset_id",
)  # fmt: skip
"""What a template gives and may be changed by hand; secrets are never compared."""


def facts_of(check: Check) -> dict[str, Any]:
    """Return a check's definition as plain fields, to be compared with another (检查项字段)."""
    return {name: getattr(check, name) for name in COMPARED}


def draft(system: MonitoredSystem, definition: Definition, now: datetime) -> tuple[Check, Fit]:
    """Return a check as it would be stored, not stored (草稿检查项).

    Raises:
        BadInput: the definition cannot be used.
    """
    fitted = fit(definition)
    now_ms = to_millis(now)
    code = definition.code or new_id(now_ms, secrets.token_bytes(10))
    check = Check(code=code, system=system, created_at=now, version=1, version_from_ms=now_ms)
    fill(check, fitted, now)
    if definition.kind == "heartbeat":
        check.heartbeat_key = new_key()
    return check, fitted


def insert_drafts(scope: Scope, drafts: Sequence[Check], *, now: datetime, origin: str) -> None:
    """Store drafts with their states and first versions (批量建立).

    Raises:
        Conflict: a code is taken.
    """
    if not drafts:
        return
    taken = list(Check.objects.filter(code__in=[d.code for d in drafts]).values_list("code", flat=True)[:3])
    if taken:
        raise Conflict(f"编号「{'、'.join(taken)}」已被使用。", "请换一个编号，或先改掉已有的检查项。")
    Check.objects.bulk_create(drafts, batch_size=200)
    CheckState.objects.bulk_create(
        [
            CheckState(check_row=check, alive_from_ms=to_millis(now), keeps=keeps_trends(check))
            for check in drafts
        ]
    )
    _versions(scope, drafts, now, origin)
    _told(drafts, now)


def edit_fields(
    scope: Scope, edits: Sequence[tuple[Check, Mapping[str, Any]]], *, now: datetime, origin: str
) -> None:
    """Change some fields of each of these checks, locked by the caller (批量修改); each gets a new version.

    Raises:
        BadInput: a definition cannot be used with the new fields.
    """
    if not edits:
        return
    changed = []
    for check, fields in edits:
        values = {**facts_of(check), **fields}
        fitted = fit(
            replace(definition_of(check), **values, code=check.code, prober_id=check.prober_id),
            kept=kept_secrets(check),
        )
        fill(check, fitted, now)
        check.version += 1
        check.version_from_ms = to_millis(now)
        changed.append(check)
    Check.objects.bulk_update(
        changed,
        [*COMPARED, "sealed", "silence_ms", "version", "version_from_ms", "updated_at"],
        batch_size=100,
    )
    _versions(scope, changed, now, origin)
    StateChange.objects.bulk_create(
        [
            StateChange(
                check_row=check, kind=Turn.EDITED.value, at_ms=to_millis(now), known_ms=to_millis(now),
                entered_at=now, cause=Cause.DEFINITION.value, message=f"第 {check.version} 版（{origin}）"[:500],
            )
            for check in changed
        ]
    )  # fmt: skip
    states = [
        CheckState(
            pk=check.pk, alive_from_ms=to_millis(now), version=check.version, keeps=keeps_trends(check)
        )
        for check in changed
    ]
    CheckState.objects.bulk_update(states, ["alive_from_ms", "version", "keeps"], batch_size=200)
    of = {check.system_id for check in changed}
    MonitoredSystem.objects.filter(pk__in=of, tree__isnull=True).update(tree_from=now)
    _told(changed, now)


def put_away(checks: Sequence[Check], *, now: datetime) -> None:
    """Archive these checks, locked by the caller (批量归档); no health tree may name them."""
    if not checks:
        return
    Check.objects.filter(pk__in=[check.pk for check in checks]).update(
        archived_at=now, enabled=False, updated_at=now
    )
    restart(checks, now, Turn.DISABLED, "归档")
    _told(checks, now)


def bring_back(checks: Sequence[Check], *, now: datetime) -> None:
    """Take archived checks into use again (批量恢复)."""
    if not checks:
        return
    Check.objects.filter(pk__in=[check.pk for check in checks]).update(
        archived_at=None, enabled=True, updated_at=now
    )
    restart(checks, now, Turn.ENABLED, "恢复")
    _told(checks, now)


def _versions(scope: Scope, checks: Sequence[Check], now: datetime, origin: str) -> None:
    CheckVersion.objects.bulk_create(
        [
            CheckVersion(
                check_row=check,
                version=check.version,
                definition=shown_definition(check),
                from_ms=check.version_from_ms,
                entered_at=now,
                entered_by=f"{scope.actor_name}（{origin}）"[:80],
            )
            for check in checks
        ]
    )


def _told(checks: Sequence[Check], now: datetime) -> None:
    probers.changed()
    for system_id in sorted({check.system_id for check in checks}):
        systems.members_changed(system_id, now)
    for path in sorted({check.system.org.path for check in checks}):
        tell_pages("check", scope_path=path)
