"""Systems: the list with their states, one system with its tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from taxops.engines.base import NotFound, Scope
from taxops.engines.checks import Health, Leaf, LeafKind, Tree, all_of, evaluate, grow, leaves, parse_tree
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage
from taxops.systems.operations.monitoring.words import Severity, Shown

from .checks import shown_case, with_shown
from .windows import VIEW, suspended_now

HEALTH: Mapping[str, Health] = {
    Shown.OK: Health.GOOD,
    Shown.WARNING: Health.WARNING,
    Shown.CONFIRMING: Health.WARNING,
    Shown.CRITICAL: Health.BAD,
    Shown.SUSPENDED: Health.SUSPENDED,
    Shown.DISABLED: Health.SUSPENDED,
}
"""What a check's shown state means to a tree; the others are unknown."""


def list_systems(scope: Scope, now: datetime) -> QuerySet[Any]:  # annotated columns, unknown to the stubs
    """Return the systems with `shown`, counts of their checks by state and the running outage's start."""
    suspended = suspended_now(now)
    live = Q(checks__archived_at=None, checks__enabled=True)

    def count(*states: Shown) -> Count:
        wanted = Q(of_check__in=[state.value for state in states])
        return Count("checks", filter=live & wanted if states else live)

    current = Outage.objects.filter(system=OuterRef("pk"), ended_at=None, withdrawn_at=None)
    return (
        MonitoredSystem.objects.filter(within(scope, VIEW), archived_at=None)
        .select_related("org", "asset")
        .alias(of_check=shown_case(now, suspended, "checks__"))
        .annotate(
            down_since=Subquery(current.values("started_at")[:1]),
            n_checks=count(),
            n_critical=count(Shown.CRITICAL),
            n_warning=count(Shown.WARNING, Shown.CONFIRMING),
            n_affected=count(Shown.AFFECTED),
            n_dark=count(Shown.NO_DATA, Shown.UNKNOWN, Shown.PENDING),
        )
        .annotate(
            shown=Case(
                When(pk__in=sorted(suspended.systems), then=Value(Shown.SUSPENDED.value)),
                When(down_since__isnull=False, then=Value(Shown.CRITICAL.value)),
                When(n_checks=0, tree__isnull=True, then=Value(Shown.PENDING.value)),
                When(Q(n_checks__gt=0, n_dark=F("n_checks")), then=Value(Shown.NO_DATA.value)),
                When(Q(n_critical__gt=0) | Q(n_warning__gt=0), then=Value(Shown.WARNING.value)),
                When(n_affected__gt=0, then=Value(Shown.AFFECTED.value)),
                When(n_dark__gt=0, then=Value(Shown.UNKNOWN.value)),
                default=Value(Shown.OK.value),
                output_field=CharField(),
            )
        )
        .order_by("sort", "code")
    )


def get_system(scope: Scope, now: datetime, pk: int) -> MonitoredSystem:
    """Return one system.

    Raises:
        NotFound: none within the actor's range.
    """
    found: MonitoredSystem | None = list_systems(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个监控系统。", "它可能已归档，或不在您的管理范围内。")
    return found


def systems_for(scope: Scope, permission: str) -> QuerySet[MonitoredSystem]:
    """Return the systems that the actor holds a permission for, for a choice in a form."""
    return (
        MonitoredSystem.objects.filter(within(scope, permission), archived_at=None)
        .select_related("org")
        .order_by("sort", "code")
    )


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a drawn health tree (健康树节点)."""

    label: str
    health: Health
    check: Check | None = None
    system: MonitoredSystem | None = None
    parts: tuple[Node, ...] = ()
    rule: str = ""


def drawn_tree(now: datetime, system: MonitoredSystem) -> Node | None:
    """Return a system's health tree with the state of every node, to be drawn; few queries."""
    checks = {
        check.code: check
        for check in with_shown(Check.objects.filter(archived_at=None), now)
        .filter(Q(system=system) | Q(code__in=_codes(system.tree, "check")))
        .select_related("system", "state")
    }
    tree = _tree_of(system, checks.values())
    if tree is None:
        return None
    others = {
        other.code: other
        for other in list_systems(Scope.system("健康树"), now).filter(code__in=_codes(system.tree, "system"))
    }
    states: dict[Leaf, Health] = {
        Leaf(LeafKind.CHECK, code): HEALTH.get(check.shown, Health.UNKNOWN) for code, check in checks.items()
    }
    states |= {
        Leaf(LeafKind.SYSTEM, code): HEALTH.get(other.shown, Health.UNKNOWN) for code, other in others.items()
    }
    return _node(tree, states, checks, others)


def _tree_of(system: MonitoredSystem, checks: Iterable[Check]) -> Tree | None:
    if system.tree:
        return grow(
            parse_tree(system.tree), [c.code for c in checks if c.system_id == system.pk and c.enabled]
        )
    mattering = [c.code for c in checks if c.system_id == system.pk and c.severity != Severity.MINOR]
    return all_of(mattering) if mattering else None


def _node(
    tree: Tree,
    states: Mapping[Leaf, Health],
    checks: Mapping[str, Check],
    systems: Mapping[str, MonitoredSystem],
) -> Node:
    health = evaluate(tree, states)
    if isinstance(tree, Leaf):
        if tree.kind is LeafKind.CHECK:
            check = checks.get(tree.code)
            return Node(check.name if check else tree.code, health, check=check)
        other = systems.get(tree.code)
        return Node(other.name if other else tree.code, health, system=other)
    parts = tuple(_node(part, states, checks, systems) for part in tree.parts)
    rule = tree.rule()
    away = sum(part.health is Health.SUSPENDED for part in parts)
    count = f"共 {len(parts)} 项" + (f"，{away} 项维护中不计" if away and tree.is_counted else "")
    return Node(f"{rule}（{count}）", health, parts=parts, rule=rule)


def _codes(tree: object, kind: str) -> list[str]:
    if not tree:
        return []
    return [leaf.code for leaf in leaves(parse_tree(tree)) if leaf.kind.value == kind]
