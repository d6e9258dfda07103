"""Trying out a health tree before it is stored (健康树推演)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from taxops.engines.base import Scope
from taxops.engines.checks import Leaf, LeafKind, all_of, grow, parse_tree
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem
from taxops.systems.operations.monitoring.rules import WhatIf, what_if
from taxops.systems.operations.monitoring.words import Severity

from .windows import VIEW


@dataclass(frozen=True, slots=True)
class Trial:
    """A tree tried out (试算): what it would say, in names."""

    found: WhatIf
    bad: list[str]
    alone: list[str]
    pairs: list[str]
    harmless: list[str]


def try_tree(scope: Scope, system: MonitoredSystem, tree: object, bad: Collection[str]) -> Trial | None:
    """Return what a tree would say while some of its leaves are bad; None: nothing is watched yet.

    Args:
        tree: text or data; empty: every check that matters.
        bad: leaves as `check:code` or `system:code`.

    Raises:
        BadInput: it is not a tree, or names what is not there.
    """
    checks = {
        code: (name, of, enabled, severity)
        for code, name, of, enabled, severity in Check.objects.filter(
            within(scope, VIEW, "system__org__path"), archived_at=None
        ).values_list("code", "name", "system_id", "enabled", "severity")
    }
    systems = dict(
        MonitoredSystem.objects.filter(within(scope, VIEW), archived_at=None).values_list("code", "name")
    )
    own = [code for code, (_, of, enabled, _) in checks.items() if of == system.pk and enabled]
    if tree in (None, "", {}):
        mattering = [code for code in own if checks[code][3] != Severity.MINOR]
        if not mattering:
            return None
        parsed = all_of(mattering)
    else:
        parsed = grow(parse_tree(tree, checks=checks, systems=systems), own)
    names = {Leaf(LeafKind.CHECK, code): row[0] for code, row in checks.items()}
    names |= {Leaf(LeafKind.SYSTEM, code): name for code, name in systems.items()}
    supposed = [leaf for leaf in names if f"{leaf.kind.value}:{leaf.code}" in set(bad)]
    found = what_if(parsed, supposed, names)
    return Trial(
        found,
        [names[leaf] for leaf in supposed],
        [names.get(leaf, leaf.code) for leaf in found.alone],
        [f"{names.get(a, a.code)} + {names.get(b, b.code)}" for a, b in found.pairs],
        [names.get(leaf, leaf.code) for leaf in found.harmless],
    )
