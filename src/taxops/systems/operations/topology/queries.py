"""The topology of a system (系统拓扑): assets, relations, states; six queries, however large it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.assets import queries as assets
from taxops.systems.operations.boards.rules import worst
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.words import Shown

from . import rules

VIEW = "monitoring.view"
MOST = 80
"""Assets drawn; a system with more is divided into systems."""


@dataclass(frozen=True, slots=True)
class Node:
    """One asset of the drawing (拓扑节点): how it stands, and what that is read from."""

    asset: Any
    shown: Shown | None
    system_id: int | None = None
    checks: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Topology:
    """A system's assets and how they hang together (拓扑); `hidden` more were left out."""

    nodes: Sequence[Node] = ()
    links: Sequence[rules.Link] = ()
    spots: Sequence[rules.Spot] = ()
    hidden: int = 0


def topology(scope: Scope, now: datetime, system: Any) -> Topology:
    """Return what a system consists of, depends on and runs on, with states; empty when it has no asset."""
    if system.asset_id is None:
        return Topology()
    found, edges = assets.beneath(scope, system.asset_id, permission=VIEW, most=MOST + 1)
    hidden = max(0, len(found) - MOST)
    kept = {asset.pk: asset for asset in found[:MOST]}
    links = [
        link
        for edge in edges
        if (link := rules.link_of(edge.source, edge.kind, edge.target)).above in kept and link.below in kept
    ]
    checks: dict[int, list[Shown]] = {}
    rows = monitoring.list_checks(scope, now).filter(asset_id__in=kept, enabled=True)
    for asset_id, shown in rows.order_by().values_list("asset_id", "shown"):
        checks.setdefault(asset_id, []).append(Shown(shown))
    systems = {
        one.asset_id: one
        for one in monitoring.list_systems(scope, now).filter(asset_id__in=kept).order_by("pk")
    }
    nodes = []
    for pk, asset in kept.items():
        own = checks.get(pk, [])
        of = systems.get(pk)
        states = [*own, *([Shown(of.shown)] if of is not None else [])]
        nodes.append(
            Node(
                asset,
                worst(states),
                of.pk if of is not None else None,
                len(own),
                sum(state is Shown.CRITICAL for state in own),
            )
        )
    return Topology(nodes, links, rules.arrange(kept, links), hidden)
