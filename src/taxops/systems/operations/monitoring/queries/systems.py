"""Systems: the list with their states, one system with its tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    IntegerField,
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
from taxops.systems.operations.monitoring.rules import system_shown
from taxops.systems.operations.monitoring.words import Severity, Shown

from .checks import judged, with_shown
from .windows import VIEW, Suspended, suspended_now

HEALTH: Mapping[str, Health] = {
    Shown.OK: Health.GOOD,
    Shown.WARNING: Health.WARNING,
    Shown.CONFIRMING: Health.WARNING,
    Shown.FLAPPING: Health.WARNING,
    Shown.CRITICAL: Health.BAD,
    Shown.SUSPENDED: Health.SUSPENDED,
    Shown.DISABLED: Health.SUSPENDED,
}
"""What a check's shown state means to a tree; the others are unknown."""


def list_systems(
    scope: Scope, now: datetime, *, pk: int | None = None
) -> QuerySet[Any]:  # annotated columns, unknown to the stubs
    """Return the systems with `shown`, counts of their checks by state and the running outage's start.

    The checks are judged once, in a query of their own, and their counts come in as constants: counting them in
    the same query would judge each check several times over, and again for every count of the list.

    Args:
        scope: who asks.
        now: the instant at which checks are judged.
        pk: only this system.
    """
    suspended = suspended_now(now)
    return _shown(_within(scope, pk), judged(_checks(scope, pk), now, suspended), suspended)


def systems_and_counts(scope: Scope, now: datetime) -> tuple[list[Any], dict[str, int]]:
    """Return the systems as `list_systems` does, and how many checks there are in each shown state.

    The checks are judged once for both.
    """
    suspended = suspended_now(now)
    found = judged(_checks(scope), now, suspended)
    counts = {state.value: sum(own.get(state, 0) for own in found.values()) for state in Shown}
    return list(_shown(_within(scope), found, suspended)), counts


def _within(scope: Scope, pk: int | None = None) -> QuerySet[MonitoredSystem]:
    rows = MonitoredSystem.objects.filter(within(scope, VIEW), archived_at=None)
    return rows if pk is None else rows.filter(pk=pk)


def _checks(scope: Scope, pk: int | None = None) -> QuerySet[Check]:
    rows = Check.objects.filter(within(scope, VIEW, "system__org__path"), archived_at=None)
    return rows if pk is None else rows.filter(system_id=pk)


def _shown(
    rows: QuerySet[MonitoredSystem], found: Mapping[int, Mapping[str, int]], suspended: Suspended
) -> QuerySet[Any]:
    """Return systems with the counts of their checks and what is shown of them (`rules.system_shown`)."""
    live = {pk: {s: n for s, n in own.items() if s != Shown.DISABLED} for pk, own in found.items()}

    def count(*states: Shown) -> Case:
        """Return the number of a system's live checks in these states, in any without states."""
        having: dict[int, list[int]] = {}
        for pk, own in live.items():
            n = sum(own.get(state, 0) for state in states) if states else sum(own.values())
            having.setdefault(n, []).append(pk)
        having.pop(0, None)
        return Case(
            *(When(pk__in=pks, then=Value(n)) for n, pks in having.items()),
            default=Value(0),
            output_field=IntegerField(),
        )

    by_state: dict[Shown, list[int]] = {}
    for pk, own in live.items():
        if own:
            by_state.setdefault(system_shown(own, down=False), []).append(pk)
    current = Outage.objects.filter(system=OuterRef("pk"), ended_at=None, withdrawn_at=None)
    return (
        rows.select_related("org", "asset")
        .annotate(
            down_since=Subquery(current.values("started_at")[:1]),
            n_checks=count(),
            n_critical=count(Shown.CRITICAL),
            n_warning=count(Shown.WARNING, Shown.CONFIRMING, Shown.FLAPPING),
            n_dark=count(Shown.NO_DATA, Shown.UNKNOWN, Shown.PENDING),
        )
        .annotate(
            shown=Case(
                When(pk__in=sorted(suspended.systems), then=Value(Shown.SUSPENDED.value)),
                When(down_since__isnull=False, then=Value(Shown.CRITICAL.value)),
                *(When(pk__in=pks, then=Value(state.value)) for state, pks in by_state.items()),
                When(tree__isnull=True, then=Value(Shown.PENDING.value)),
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
    found: MonitoredSystem | None = list_systems(scope, now, pk=pk).first()
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
        .only("code", "name", "system_id", "severity", "enabled")
    }
    tree = _tree_of(system, checks.values())
    if tree is None:
        return None
    named = _codes(system.tree, "system")
    others = {
        other.code: other
        for other in (list_systems(Scope.system("健康树"), now).filter(code__in=named) if named else ())
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
