"""Monitored systems (监控系统): set up, changed, archived; their health trees checked for loops."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from taxops.engines.base import BadInput, Conflict, Interval, NotFound, Scope, to_millis
from taxops.engines.checks import Tree, down_intervals, leaves, parse_tree, system_order, tree_data
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.ingest import systems as trees
from taxops.systems.operations.monitoring.ingest import turns
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage, StateChange
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import Cause, Severity, Turn

from . import probers

EDIT = "monitoring.edit"


def create_system(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    org_id: int,
    severity: str = Severity.MAJOR.value,
    description: str = "",
    service_note: str = "",
    asset_id: int | None = None,
    sort: int = 100,
) -> MonitoredSystem:
    """Set up a system that is watched (新建监控系统).

    Raises:
        BadInput: a field cannot be used.
        NotPermitted: the organisation is outside the actor's range.
        Conflict: the code is taken.
    """
    code, name = code.strip(), name.strip()
    if not code or len(code) > 40 or not code.replace("-", "").replace("_", "").isalnum():
        raise BadInput("系统代码由字母、数字、- 和 _ 组成，最长 40 个字符。", field="code")
    if not name:
        raise BadInput("请填写系统名称。", field="name")
    if severity not in set(Severity):
        raise BadInput("重要程度不正确。", field="severity")
    with transaction.atomic():
        org = OrgUnit.objects.filter(pk=org_id).first()
        if org is None:
            raise BadInput("没有这个机构。", field="org")
        scope.require(EDIT, org.path)
        try:
            with transaction.atomic():
                system = MonitoredSystem.objects.create(
                    code=code,
                    name=name[:80],
                    org=org,
                    severity=severity,
                    description=description.strip()[:400],
                    service_note=service_note.strip()[:200],
                    asset_id=asset_id,
                    sort=sort,
                    tree_from=now,
                    created_at=now,
                    updated_at=now,
                )
        except IntegrityError as error:
            raise Conflict(f"系统代码「{code}」已被使用。", "请换一个代码。") from error
        _record(scope, system, now, "system.create", None, _shown(system))
        tell_pages("system", scope_path=org.path)
    return system


def edit_system(
    scope: Scope, pk: int, *, now: datetime, version: int | None = None, **values: Any
) -> MonitoredSystem:
    """Change a system's description (修改监控系统).

    Raises:
        NotFound, BadInput.
        Conflict: somebody else changed it meanwhile.
    """
    with transaction.atomic():
        system = _locked(scope, pk)
        if version is not None and version != system.version:
            raise Conflict("该系统已被他人修改。", "请核对后重新提交。")
        before = _shown(system)
        for name in ("name", "description", "service_note", "severity", "asset_id", "sort"):
            if name in values:
                setattr(system, name, values[name])
        if not system.name.strip():
            raise BadInput("请填写系统名称。", field="name")
        if system.severity not in set(Severity):
            raise BadInput("重要程度不正确。", field="severity")
        system.version += 1
        system.updated_at = now
        system.save()
        _record(scope, system, now, "system.edit", before, _shown(system))
        tell_pages("system", scope_path=system.org.path)
    return system


def define_tree(
    scope: Scope, pk: int, *, now: datetime, tree: object, version: int | None = None
) -> MonitoredSystem:
    """Say when a system counts as down (定义健康树); from now on, never backwards.

    Args:
        tree: JSON text or data; empty: any check that matters.

    Raises:
        BadInput: it is not a tree, names something that is not there, or systems ask for one another in a
            circle, which is spelled out.
        NotFound, Conflict.
    """
    with transaction.atomic():
        # All of them, in order: those above this one are recomputed too.
        list(MonitoredSystem.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        system = _locked(scope, pk)
        if version is not None and version != system.version:
            raise Conflict("该系统已被他人修改。", "请核对后重新提交。")
        parsed: Tree | None = None
        if tree not in (None, "", {}):
            checks = set(
                Check.objects.filter(within(scope, "monitoring.view", "system__org__path"), archived_at=None)
                .values_list("code", flat=True)
            )  # fmt: skip
            known = set(
                MonitoredSystem.objects.filter(
                    within(scope, "monitoring.view"), archived_at=None
                ).values_list("code", flat=True)
            )
            parsed = parse_tree(tree, checks=checks, systems=known)
            _no_circle(system, parsed)
        before = {"tree": system.tree}
        system.tree = None if parsed is None else tree_data(parsed)
        system.tree_from = now
        system.version += 1
        system.updated_at = now
        system.save()
        happened = turns.Happened()
        _retree(system, happened, now)
        trees.recompute({system.pk: to_millis(now)}, happened, now, cause=Cause.TREE)
        announce(happened, now)
        _record(scope, system, now, "system.tree", before, {"tree": system.tree})
        tell_pages("system", scope_path=system.org.path)
    return system


def _no_circle(system: MonitoredSystem, tree: Tree) -> None:
    """Do nothing unless the new tree closes a circle of systems.

    Raises:
        BadInput: it does; the message spells the way round.
    """
    all_trees = {
        other.code: parse_tree(other.tree)
        for other in MonitoredSystem.objects.filter(archived_at=None).exclude(tree=None).exclude(pk=system.pk)
    }
    all_trees[system.code] = tree
    system_order(all_trees)


def _retree(system: MonitoredSystem, happened: turns.Happened, now: datetime) -> None:
    """End the system's open outage at `now` when the new tree does not bear it out."""
    outage = Outage.objects.filter(system=system, ended_at=None, withdrawn_at=None).first()
    if outage is None:
        return
    wood = trees.woods()
    if system.code in wood.trees and _is_down(wood.trees[system.code], now):
        return
    outage.ended_at = outage.recovered_at = max(now, outage.started_at + timedelta(milliseconds=1))
    outage.save(update_fields=["ended_at", "recovered_at"])
    StateChange.objects.create(
        system=system,
        kind=Turn.OUTAGE_CLOSED.value,
        at_ms=to_millis(outage.ended_at),
        known_ms=to_millis(now),
        start_ms=to_millis(outage.started_at),
        entered_at=now,
        cause=Cause.TREE.value,
        message="健康树变更",
    )
    happened.closed.append(outage)


def _is_down(tree: Tree, now: datetime) -> bool:
    moment = Interval(now, now + timedelta(milliseconds=1))
    return bool(down_intervals(tree, trees.leaf_intervals(tree, now, moment.end), moment))


def archive_system(scope: Scope, pk: int, *, now: datetime) -> MonitoredSystem:
    """Take a system out of use (归档监控系统).

    Raises:
        NotFound.
        Conflict: it still has checks, or another system's tree names it.
    """
    with transaction.atomic():
        probers.changed()
        system = _locked(scope, pk)
        count = Check.objects.filter(system=system, archived_at=None).count()
        if count:
            raise Conflict(f"该系统还有 {count} 个检查项。", "请先归档或移走这些检查项。")
        users = [
            other.name
            for other in MonitoredSystem.objects.filter(archived_at=None).exclude(tree=None).exclude(pk=pk)
            if system.code
            in {leaf.code for leaf in leaves(parse_tree(other.tree)) if leaf.kind.value == "system"}
        ]
        if users:
            raise Conflict(f"健康树还在使用该系统：{'、'.join(users)}。", "请先从健康树中去掉它。")
        system.archived_at = system.updated_at = now
        system.save(update_fields=["archived_at", "updated_at"])
        _record(scope, system, now, "system.archive", {"archived": False}, {"archived": True})
        tell_pages("system", scope_path=system.org.path)
    return system


def _locked(scope: Scope, pk: int) -> MonitoredSystem:
    found = (
        MonitoredSystem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("org")
        .filter(within(scope, EDIT), pk=pk, archived_at=None)
        .first()
    )
    if found is None:
        raise NotFound("没有这个监控系统。", "它可能不在您的管理范围内。")
    return found


def _shown(system: MonitoredSystem) -> dict[str, object]:
    return {
        "code": system.code,
        "name": system.name,
        "severity": system.severity,
        "description": system.description,
        "service_note": system.service_note,
        "sort": system.sort,
    }


def _record(
    scope: Scope,
    system: MonitoredSystem,
    now: datetime,
    action: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    audit.record(
        scope,
        now=now,
        action=action,
        kind="monitored-system",
        object_id=system.pk,
        label=system.name,
        before=before,
        after=after,
        org_path=system.org.path,
    )
