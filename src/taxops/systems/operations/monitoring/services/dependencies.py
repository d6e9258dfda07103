"""Dependencies (依赖关系): said by a person, refused when they would go round in a circle."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope
from taxops.engines.checks import LeafKind, find_circle, leaves
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.ingest import suppressing, turns
from taxops.systems.operations.monitoring.ingest import systems as trees
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.ingest.suppressing import Edges, Graph, Node
from taxops.systems.operations.monitoring.models import Check, Dependency, MonitoredSystem
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import Cause

EDIT = "monitoring.edit"
Subject = Check | MonitoredSystem


def add_dependency(scope: Scope, *, now: datetime, child: str, parent: str, note: str = "") -> Dependency:
    """Say that a check or system cannot work without another (登记依赖).

    Args:
        child: code of a check, or of a system: then all its checks depend on the parent.
        parent: code of the check or system that it depends on.

    Raises:
        BadInput: the two are one, or the dependency closes a circle, which is spelled out.
        NotFound: no such check or system within the actor's range.
        Conflict: it is said already.
    """
    with transaction.atomic():
        below, above = (
            _subject(scope, child, "child", EDIT),
            _subject(scope, parent, "parent", "monitoring.view"),
        )
        if below == above:
            raise BadInput("不能依赖自己。", field="parent")
        made = Dependency(
            child_check=below if isinstance(below, Check) else None,
            child_system=below if isinstance(below, MonitoredSystem) else None,
            parent_check=above if isinstance(above, Check) else None,
            parent_system=above if isinstance(above, MonitoredSystem) else None,
            note=note.strip()[:200],
            entered_at=now,
            entered_by=scope.actor_name[:80],
        )
        same = Dependency.objects.filter(
            child_check=made.child_check,
            child_system=made.child_system,
            parent_check=made.parent_check,
            parent_system=made.parent_system,
        )
        if same.exists():
            raise Conflict("这条依赖已经登记过。")
        made.save()
        _no_circle(_node(below))
        _rejudge(made, now)
        _record(scope, made, now, "dependency.add", None, {"dependency": str(made), "note": made.note})
    return made


def remove_dependency(scope: Scope, pk: int, *, now: datetime) -> None:
    """Take a dependency back (取消依赖); open outages that it explained count from their beginning.

    Raises:
        NotFound: none within the actor's range.
    """
    with transaction.atomic():
        row = (
            Dependency.objects.select_related(
                "child_check__system__org", "child_system__org", "parent_check", "parent_system"
            )
            .filter(
                within(scope, EDIT, "child_check__system__org__path")
                | within(scope, EDIT, "child_system__org__path"),
                pk=pk,
            )
            .first()
        )
        if row is None:
            raise NotFound("没有这条依赖。", "它可能已被取消，或不在您的管理范围内。")
        said: dict[str, object] = {"dependency": str(row), "note": row.note}
        _record(scope, row, now, "dependency.remove", said, None)
        Dependency.objects.filter(pk=pk).delete()
        _rejudge(row, now)


def _subject(scope: Scope, code: str, field: str, permission: str) -> Subject:
    code = code.strip()
    check = (
        Check.objects.select_related("system__org")
        .filter(within(scope, permission, "system__org__path"), code=code, archived_at=None)
        .first()
    )
    if check is not None:
        return check
    system = (
        MonitoredSystem.objects.select_related("org")
        .filter(within(scope, permission), code=code, archived_at=None)
        .first()
    )
    if system is None:
        raise NotFound(
            f"没有编号为「{code[:60]}」的检查项或系统。",
            "请核对编号；它可能不在您的管理范围内。",
            field=field,
        )
    return system


def _node(subject: Subject) -> Node:
    return Node("check" if isinstance(subject, Check) else "system", subject.pk)


def _no_circle(child: Node) -> None:
    """Do nothing unless something comes to depend on itself, by dependencies, by trees, or by both.

    Raises:
        BadInput: it does; the message spells the way round.
    """
    found = suppressing.graph() or Graph({}, {})
    edges: Edges = {node: list(parents) for node, parents in found.edges.items()}
    wood = trees.woods()
    pks = dict(Check.objects.filter(archived_at=None).values_list("code", "pk"))
    for code, tree in wood.trees.items():
        node = Node("system", wood.systems[code].pk)
        parts = edges.setdefault(node, [])
        for leaf in leaves(tree):
            if leaf.kind is LeafKind.CHECK and leaf.code in pks:
                parts.append(Node("check", pks[leaf.code]))
            elif leaf.kind is LeafKind.SYSTEM and leaf.code in wood.systems:
                parts.append(Node("system", wood.systems[leaf.code].pk))
    # A system depends through its checks: each of them has inherited what the system depends on.
    starts = [child]
    if child.kind == "system":
        starts += [Node("check", pk) for pk, known in found.checks.items() if known.system_id == child.pk]
    for start in starts:
        circle = find_circle(edges, start)
        if circle is not None:
            said = suppressing.names(set(circle))
            way = " → ".join(said.get(node, str(node.pk)) for node in circle)
            raise BadInput(f"依赖成环：{way}。", "请去掉其中一处依赖。", field="parent")


def _rejudge(row: Dependency, now: datetime) -> None:
    """Judge the open outages of those that depend, now that they do or no longer do."""
    if row.child_check_id:
        checks = [row.child_check_id]
    else:
        checks = list(Check.objects.filter(system_id=row.child_system_id).values_list("pk", flat=True))
    happened = turns.Happened()
    suppressing.release(now=now, happened=happened, checks=checks)
    if happened:
        trees.recompute(dict(happened.systems), happened, now, cause=Cause.TREE)
        announce(happened, now)


def _record(
    scope: Scope,
    row: Dependency,
    now: datetime,
    action: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    system = row.child_check.system if row.child_check is not None else row.child_system
    assert system is not None
    audit.record(
        scope,
        now=now,
        action=action,
        kind="dependency",
        object_id=row.pk,
        label=str(row)[:120],
        before=before,
        after=after,
        org_path=system.org.path,
    )
    tell_pages("check", scope_path=system.org.path)
