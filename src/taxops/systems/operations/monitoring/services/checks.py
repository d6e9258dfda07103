"""Checks (检查项): made, edited, switched, copied, archived. Each change is a version with a trail.

Row locks are taken in one order everywhere in this room, so that nothing can deadlock: states of checks
by id, the control room, systems by id, and last the head of the audit chain.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope, from_millis, new_id, to_millis
from taxops.engines.checks import check_kinds
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring import sealing
from taxops.systems.operations.monitoring.definitions import Definition, Fit, fit
from taxops.systems.operations.monitoring.ingest import systems, turns
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.ingest.flapping import stop_flapping
from taxops.systems.operations.monitoring.models import (
    Check,
    CheckState,
    CheckVersion,
    MonitoredSystem,
    Outage,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import silence_after_ms
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS, Cause, Turn

from . import probers
from .descriptions import definition_of, kept_secrets, shown_definition
from .heartbeats import new_key

EDIT = "monitoring.edit"


def create_check(scope: Scope, *, now: datetime, system_id: int, definition: Definition) -> Check:
    """Set up a check (新建检查项); probers begin with it within seconds.

    Raises:
        BadInput: the definition cannot be used.
        NotFound: no such system within the actor's range.
        Conflict: the code is taken.
    """
    fitted = fit(definition)
    with transaction.atomic():
        system = _system(scope, system_id)
        check = insert_check(scope, system, fitted, now=now)
        probers.changed()
        audit.record(
            scope,
            now=now,
            action="check.create",
            kind="check",
            object_id=check.pk,
            label=check.name,
            after=shown_definition(check),
            org_path=system.org.path,
        )
        tell_pages("check", scope_path=system.org.path)
    return check


def insert_check(scope: Scope, system: MonitoredSystem, fitted: Fit, *, now: datetime) -> Check:
    """Store a fitted definition as a new check with its state and first version, in the caller's transaction.

    Raises:
        Conflict: the code is taken.
    """
    d = fitted.definition
    now_ms = to_millis(now)
    code = d.code.strip() or new_id(now_ms, secrets.token_bytes(10))
    if len(code) > 60:
        raise BadInput("编号不能超过 60 个字符。", field="code")
    check = Check(code=code, system=system, created_at=now, version=1, version_from_ms=now_ms)
    fill(check, fitted, now)
    if d.kind == "heartbeat":
        check.heartbeat_key = new_key()
    try:
        with transaction.atomic():
            check.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"编号「{code}」已被使用。", "请换一个编号。") from error
    CheckState.objects.create(check_row=check, alive_from_ms=now_ms, keeps=keeps_trends(check))
    _version(scope, check, now)
    systems.members_changed(system.pk, now)
    return check


def edit_check(
    scope: Scope,
    pk: int,
    *,
    now: datetime,
    definition: Definition,
    system_id: int | None = None,
    version: int | None = None,
) -> Check:
    """Change a check (修改检查项); what went before keeps the version it was judged by.

    Args:
        version: the version that the editor saw; another one since is a conflict.

    Raises:
        BadInput, NotFound.
        Conflict: somebody else changed it meanwhile.
    """
    with transaction.atomic():
        check = _locked(scope, pk)
        if version is not None and version != check.version:
            raise Conflict(
                f"检查项已被他人修改（现为第 {check.version} 版，您打开的是第 {version} 版）。",
                "请核对后重新提交。",
            )
        fitted = fit(definition, kept=kept_secrets(check))
        before = shown_definition(check)
        moved_from = check.system
        if system_id is not None and system_id != check.system_id:
            check.system = _system(scope, system_id)
        old_severity, judged_by = check.severity, _flap_policy(check)
        fill(check, fitted, now)
        check.version += 1
        check.version_from_ms = to_millis(now)
        if check.kind == "heartbeat" and not check.heartbeat_key:
            check.heartbeat_key = new_key()
        check.save()
        after = shown_definition(check)
        _version(scope, check, now)
        _line(check, Turn.EDITED, now, f"第 {check.version} 版")
        CheckState.objects.filter(pk=check.pk).update(
            alive_from_ms=to_millis(now), version=check.version, keeps=keeps_trends(check)
        )
        if old_severity != check.severity or moved_from.pk != check.system_id:
            # Which checks a system without its own tree counts has changed: from now on, not before.
            MonitoredSystem.objects.filter(pk__in={moved_from.pk, check.system_id}, tree__isnull=True).update(
                tree_from=now
            )
        if judged_by != _flap_policy(check):
            happened = turns.Happened()
            stop_flapping([check.pk], now, happened)
            announce(happened, now)
        if moved_from.pk != check.system_id:
            for changed_id in sorted({moved_from.pk, check.system_id}):
                systems.members_changed(changed_id, now)
        probers.changed()
        audit.record(
            scope,
            now=now,
            action="check.edit",
            kind="check",
            object_id=check.pk,
            label=check.name,
            before=before,
            after=after,
            org_path=check.system.org.path,
        )
        tell_pages("check", scope_path=check.system.org.path)
    return check


def switch_checks(scope: Scope, pks: Sequence[int], *, now: datetime, enabled: bool) -> int:
    """Switch checks on or off (启用/停用检查项); return how many were changed.

    A check that is switched off has no state: an outage of it ends now, since nobody looks any more.

    Raises:
        NotFound: one of them is not within the actor's range.
    """
    with transaction.atomic():
        rows = _locked_many(scope, pks)
        changing = [check for check in rows if check.enabled != enabled]
        if not changing:
            return 0
        ids = [check.pk for check in changing]
        Check.objects.filter(pk__in=ids).update(enabled=enabled, updated_at=now)
        probers.changed()
        restart(changing, now, Turn.ENABLED if enabled else Turn.DISABLED, "启用" if enabled else "停用")
        for check in changing:
            audit.record(
                scope,
                now=now,
                action="check.enable" if enabled else "check.disable",
                kind="check",
                object_id=check.pk,
                label=check.name,
                before={"enabled": not enabled},
                after={"enabled": enabled},
                org_path=check.system.org.path,
            )
        for path in sorted({check.system.org.path for check in changing}):
            tell_pages("check", scope_path=path)
    return len(changing)


def archive_check(scope: Scope, pk: int, *, now: datetime) -> Check:
    """Take a check out of use for good (归档检查项); its history stays.

    Raises:
        NotFound.
        Conflict: a health tree still names it.
    """
    with transaction.atomic():
        check = _locked(scope, pk)
        named = [
            s.name
            for s in MonitoredSystem.objects.filter(archived_at=None).exclude(tree=None)
            if _names(s.tree, check.code)
        ]
        if named:
            raise Conflict(f"健康树还在使用该检查项：{'、'.join(named)}。", "请先从健康树中去掉它。")
        Check.objects.filter(pk=pk).update(archived_at=now, enabled=False, updated_at=now)
        probers.changed()
        restart([check], now, Turn.DISABLED, "归档")
        audit.record(
            scope,
            now=now,
            action="check.archive",
            kind="check",
            object_id=check.pk,
            label=check.name,
            before={"archived": False},
            after={"archived": True},
            org_path=check.system.org.path,
        )
        tell_pages("check", scope_path=check.system.org.path)
    return check


def copy_check(scope: Scope, pk: int, *, now: datetime, name: str = "", target: str | None = None) -> Check:
    """Make a check like another one (复制检查项), switched off until somebody has looked at it.

    Raises:
        NotFound, BadInput.
    """
    with transaction.atomic():
        source = _locked(scope, pk)
        definition = definition_of(source)
        fitted = fit(
            Definition(**{**_fields(definition), "name": (name or f"{source.name}（副本）")[:120],
                          "target": source.target if target is None else target, "code": ""}),
            kept=kept_secrets(source),
        )  # fmt: skip
        check = insert_check(scope, source.system, fitted, now=now)
        Check.objects.filter(pk=check.pk).update(enabled=False)
        CheckState.objects.filter(pk=check.pk).update(active=False)
        check.enabled = False
        audit.record(
            scope,
            now=now,
            action="check.copy",
            kind="check",
            object_id=check.pk,
            label=check.name,
            after={**shown_definition(check), "copied_from": source.code},
            org_path=source.system.org.path,
        )
    return check


def fill(check: Check, fitted: Fit, now: datetime) -> None:
    """Write a fitted definition into a check's row, not stored."""
    d = fitted.definition
    check.name, check.kind, check.target = d.name, d.kind, d.target
    check.params = dict(fitted.plain)
    check.sealed = sealing.close(fitted.secret, bound_to=check.code)
    check.conditions, check.warnings = list(d.conditions), list(d.warnings)
    check.interval_s, check.retry_interval_s, check.timeout_s = d.interval_s, d.retry_interval_s, d.timeout_s
    check.confirm, check.recover = d.confirm, d.recover
    check.flap, check.flap_results = d.flap, d.flap_results
    check.flap_high, check.flap_low = d.flap_high, d.flap_low
    if d.kind in PASSIVE_KINDS:  # a job or a person that said so said so once, not three times
        check.confirm = check.recover = 1
        check.flap = False
    check.zone, check.item, check.severity, check.note = d.zone, d.item, d.severity, d.note
    check.asset_id, check.prober_id = d.asset_id, d.prober_id
    check.silence_ms = silence_after_ms(d.interval_s, d.timeout_s)
    check.updated_at = now


def _flap_policy(check: Check) -> tuple[object, ...]:
    return check.flap, check.flap_results, check.flap_high, check.flap_low


def keeps_trends(check: Check) -> bool:
    """Test whether the numbers of every result are kept (保留指标): kinds that have trends, and checks with bands."""
    has_trends = check.kind in check_kinds and check_kinds.get(check.kind).keeps_metrics
    return has_trends or bool(check.bands)


def _version(scope: Scope, check: Check, now: datetime) -> None:
    CheckVersion.objects.create(
        check_row=check,
        version=check.version,
        definition=shown_definition(check),
        from_ms=check.version_from_ms,
        entered_at=now,
        entered_by=scope.actor_name[:80],
    )


def restart(checks: Sequence[Check], now: datetime, kind: Turn, word: str) -> None:
    """Begin these checks' states anew and end their open outages at `now`."""
    now_ms = to_millis(now)
    happened = turns.Happened()
    stop_flapping([check.pk for check in checks], now, happened)
    ids = [check.pk for check in checks]
    by_id = {check.pk: check for check in checks}
    for outage in Outage.objects.filter(check_row_id__in=ids, ended_at=None, withdrawn_at=None):
        assert outage.check_row_id is not None
        outage.ended_at = outage.recovered_at = max(now, from_millis(to_millis(outage.started_at) + 1))
        outage.save(update_fields=["ended_at", "recovered_at"])
        happened.closed.append(outage)
        happened.touch_system(by_id[outage.check_row_id].system_id, now_ms)
    CheckState.objects.filter(pk__in=ids).update(
        active=kind is Turn.ENABLED,
        phase=0, verdict=-1, streak=0, since_ms=None, first_bad_ms=None, detected_ms=None, first_good_ms=None,
        unknown_since_ms=None, suspects=0, silent_since_ms=None, deadline_ms=None, alive_from_ms=now_ms,
        message="",
    )  # fmt: skip
    for check in checks:
        _line(check, kind, now, word)
    for system_id in sorted({check.system_id for check in checks}):
        systems.members_changed(system_id, now)
    systems.recompute(happened.systems, happened, now, cause=Cause.SWITCH)
    announce(happened, now)


def _line(check: Check, kind: Turn, now: datetime, message: str) -> None:
    StateChange.objects.create(
        check_row=check,
        kind=kind.value,
        at_ms=to_millis(now),
        known_ms=to_millis(now),
        entered_at=now,
        cause=(Cause.DEFINITION if kind is Turn.EDITED else Cause.SWITCH).value,
        message=message,
    )


def _system(scope: Scope, pk: int) -> MonitoredSystem:
    found = (
        MonitoredSystem.objects.select_related("org")
        .filter(within(scope, EDIT), pk=pk, archived_at=None)
        .first()
    )
    if found is None:
        raise NotFound("没有这个监控系统。", "它可能不在您的管理范围内。")
    return found


def _locked(scope: Scope, pk: int) -> Check:
    return _locked_many(scope, [pk])[0]


def _locked_many(scope: Scope, pks: Sequence[int]) -> list[Check]:
    """Return these checks; their states are locked first, in the order in which batches lock them.

    Raises:
        NotFound: one is not within the actor's range.
    """
    list(
        CheckState.objects.select_for_update(no_key=True)
        .filter(pk__in=list(pks))
        .order_by("pk")
        .values_list("pk")
    )
    rows = list(
        Check.objects.select_related("system__org")
        .filter(within(scope, EDIT, "system__org__path"), pk__in=list(pks), archived_at=None)
        .order_by("pk")
    )
    if len(rows) != len(set(pks)) or not rows:
        raise NotFound("没有这个检查项。", "它可能已归档，或不在您的管理范围内。")
    return rows


def _names(tree: Any, code: str) -> bool:
    if isinstance(tree, dict):
        return tree.get("check") == code or any(_names(part, code) for part in tree.values())
    return isinstance(tree, list) and any(_names(part, code) for part in tree)


def _fields(definition: Definition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in definition.__slots__}
