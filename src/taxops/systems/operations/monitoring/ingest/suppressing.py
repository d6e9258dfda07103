"""Suppression (抑制): outages behind another outage stay as facts, do not count, and say whose doing they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from taxops.engines.base import to_millis
from taxops.engines.checks import Cover, Suppression, ancestors, suppression
from taxops.platform.assets.models import Relation
from taxops.platform.assets.rules import RelationKind
from taxops.systems.operations.monitoring.models import Check, Dependency, MonitoredSystem, Outage
from taxops.systems.operations.monitoring.words import Severity

from .turns import Happened

SYSTEM_SLACK = timedelta(seconds=60)
"""A system's outage is known by its checks; so much later than a dependant's it may seem to begin."""


class Node(NamedTuple):
    """A check or a system in the graph of dependencies (依赖节点)."""

    kind: str
    pk: int


Edges = dict[Node, list[Node]]


class _Known(NamedTuple):
    """What is needed of a check (检查项要点)."""

    system_id: int
    seconds: float


class Graph:
    """Who depends on whom (依赖图): what persons said, what the assets say, and what checks inherit from systems."""

    def __init__(self, edges: Edges, checks: Mapping[int, _Known]) -> None:
        self.edges = edges
        self.checks = checks

    def above(self, check_id: int) -> dict[Node, int]:
        """Return what a check depends on, near and far; not the system that it is a part of."""
        known = self.checks.get(check_id)
        found = ancestors(self.edges, Node("check", check_id))
        if known is not None:
            found.pop(Node("system", known.system_id), None)
        return found

    def below(self, nodes: Iterable[Node]) -> list[int]:
        """Return the checks that depend on any of these, near or far."""
        wanted = set(nodes)
        return [
            node.pk
            for node in self.edges
            if node.kind == "check" and not wanted.isdisjoint(self.above(node.pk))
        ]


def graph() -> Graph | None:
    """Return the graph; None when nothing depends on anything, which costs two queries."""
    said = list(
        Dependency.objects.values_list("child_check", "child_system", "parent_check", "parent_system")
    )
    ties = list(Relation.objects.filter(kind=RelationKind.DEPENDS_ON.value).values_list("source", "target"))
    if not said and not ties:
        return None
    rows = list(
        Check.objects.filter(archived_at=None, enabled=True, system__archived_at=None).values_list(
            "pk", "system_id", "asset_id", "system__asset_id", "severity", "interval_s", "timeout_s"
        )
    )
    own: dict[Node, list[Node]] = defaultdict(list)
    for child_check, child_system, parent_check, parent_system in said:
        child = Node("check", child_check) if child_check else Node("system", child_system)
        parent = Node("check", parent_check) if parent_check else Node("system", parent_system)
        own[child].append(parent)
    on_asset: dict[int, list[Node]] = defaultdict(list)
    for pk, _, asset_id, _, severity, _, _ in rows:
        if asset_id is not None and severity != Severity.MINOR:
            on_asset[asset_id].append(Node("check", pk))
    of_asset: dict[int, list[Node]] = defaultdict(list)
    for source, target in ties:
        of_asset[source] += on_asset[target]
    edges: Edges = {}
    for pk, system_id, asset_id, system_asset_id, _, _, _ in rows:
        node, system = Node("check", pk), Node("system", system_id)
        parents = [*own[node], *own[system], *of_asset[asset_id or 0]]
        if asset_id is None:
            parents += of_asset[system_asset_id or 0]
        if parents:
            edges[node] = [parent for parent in dict.fromkeys(parents) if parent != node]
    edges |= {node: parents for node, parents in own.items() if node.kind == "system" and parents}
    checks = {pk: _Known(system_id, interval + timeout) for pk, system_id, _, _, _, interval, timeout in rows}
    return Graph(edges, checks)


def judge(happened: Happened, now: datetime, handled: set[tuple[int, datetime | None]]) -> None:
    """Say of every outage that what happened may explain, or explain no more, whether it counts.

    Systems whose checks' outages came to count differently are touched; `opened` keeps only what counts.

    Args:
        happened: what was opened, closed, withdrawn and corrected; changed in place.
        now: the present instant.
        handled: outages with their end, as judged in an earlier round; added to.
    """
    rows = [
        *happened.opened,
        *happened.closed,
        *happened.withdrawn,
        *(row for row, _, _ in happened.corrected),
    ]
    fresh = [row for row in rows if (row.pk, row.ended_at) not in handled]
    handled.update((row.pk, row.ended_at) for row in fresh)
    found = graph() if fresh else None
    if found is None:
        return
    nodes = {
        Node("check", row.check_row_id) if row.check_row_id else Node("system", row.system_id or 0)
        for row in fresh
    }
    below = found.below(nodes)
    first = min(row.started_at for row in fresh) - timedelta(hours=1)
    candidates = {
        row.pk: row
        for row in Outage.objects.filter(withdrawn_at=None)
        .filter(
            Q(suppressed_by__in=[row.pk for row in fresh])
            | (Q(check_row__in=below) & (Q(ended_at=None) | Q(ended_at__gt=first)))
        )
        .order_by("pk")
    }
    candidates |= {row.pk: row for row in fresh if row.check_row_id and row.withdrawn_at is None}
    _settle(candidates, found, happened, now)


def release(*, now: datetime, happened: Happened, checks: Sequence[int] | None = None) -> int:
    """Judge open suppressed outages again whose explanation is over (抑制到期); return how many there were.

    Args:
        now: the present instant.
        happened: what changed is added here.
        checks: instead of those, every open outage of these checks.
    """
    rows = Outage.objects.filter(withdrawn_at=None, ended_at=None, check_row__isnull=False)
    if checks is None:
        rows = rows.filter(suppressed_by__isnull=False, counts_from=None).filter(
            Q(suppressed_by__ended_at__isnull=False) | Q(suppressed_by__withdrawn_at__isnull=False)
        )
    else:
        rows = rows.filter(check_row__in=list(checks))
    candidates = {row.pk: row for row in rows.order_by("pk")}
    if candidates:
        _settle(candidates, graph() or Graph({}, {}), happened, now)
    return len(candidates)


def _settle(candidates: Mapping[int, Outage], found: Graph, happened: Happened, now: datetime) -> None:
    """Judge these outages of checks and write back what differs."""
    above = {row.pk: found.above(row.check_row_id or 0) for row in candidates.values()}
    covers = _covers({node for nodes in above.values() for node in nodes}, candidates.values(), found)
    opened = {row.pk for row in happened.opened}
    system_of = _systems(candidates.values(), found)
    for pk in sorted(candidates):
        row = candidates[pk]
        known = found.checks.get(row.check_row_id or 0)
        mine = [
            cover._replace(depth=depth) for node, depth in above[pk].items() for cover in covers.get(node, ())
        ]
        verdict = suppression(
            row.started_at,
            row.ended_at,
            [cover for cover in mine if cover.key != pk],
            grace=timedelta(seconds=2 * known.seconds if known else 60),
            now=now,
        )
        _apply(row, verdict, pk in opened, system_of[row.check_row_id or 0], happened)
    happened.opened = [row for row in happened.opened if not row.is_suppressed]


def _apply(
    row: Outage, verdict: Suppression | None, is_new: bool, system_id: int, happened: Happened
) -> None:
    before = (row.suppressed_by_id, row.counts_from)
    after = (None, None) if verdict is None else (verdict.by, verdict.counts_from)
    if before == after:
        return
    was = row.is_suppressed
    row.suppressed_by_id, row.counts_from = after
    row.save(update_fields=["suppressed_by", "counts_from"])
    happened.checks.add(row.check_row_id or 0)
    happened.touch_system(system_id, to_millis(row.started_at))
    if row.is_suppressed and not was and not is_new:
        happened.suppressed.append(row)
    elif was and not row.is_suppressed and not is_new:
        happened.opened.append(row)


def _covers(nodes: set[Node], rows: Iterable[Outage], found: Graph) -> dict[Node, list[Cover]]:
    """Return the outages of these subjects that reach into the time of the rows; two queries."""
    first = min((row.started_at for row in rows), default=None)
    if not nodes or first is None:
        return {}
    checks = [node.pk for node in nodes if node.kind == "check"]
    systems = [node.pk for node in nodes if node.kind == "system"]
    result: dict[Node, list[Cover]] = defaultdict(list)
    wanted = Outage.objects.filter(Q(check_row__in=checks) | Q(system__in=systems), withdrawn_at=None).filter(
        Q(ended_at=None) | Q(ended_at__gt=first)
    )
    for outage in wanted:
        if outage.check_row_id:
            known = found.checks.get(outage.check_row_id)
            node, slack = (
                Node("check", outage.check_row_id),
                timedelta(seconds=known.seconds if known else 60),
            )
        else:
            node, slack = Node("system", outage.system_id or 0), SYSTEM_SLACK
        result[node].append(Cover(outage.pk, outage.started_at, outage.ended_at, slack, 0))
    return result


def _systems(rows: Iterable[Outage], found: Graph) -> dict[int, int]:
    """Return the system of each row's check."""
    known = {pk: check.system_id for pk, check in found.checks.items()}
    missing = [row.check_row_id for row in rows if row.check_row_id and row.check_row_id not in known]
    return (
        known | dict(Check.objects.filter(pk__in=missing).values_list("pk", "system_id"))
        if missing
        else known
    )


def names(nodes: Iterable[Node]) -> dict[Node, str]:
    """Return what to call these, for a message; two queries."""
    wanted = list(nodes)
    found = {
        Node("check", pk): f"检查项「{name}」"
        for pk, name in Check.objects.filter(pk__in=[n.pk for n in wanted if n.kind == "check"]).values_list(
            "pk", "name"
        )
    }
    return found | {
        Node("system", pk): f"系统「{name}」"
        for pk, name in MonitoredSystem.objects.filter(
            pk__in=[n.pk for n in wanted if n.kind == "system"]
        ).values_list("pk", "name")
    }
