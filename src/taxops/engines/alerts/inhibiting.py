"""What an inhibition would keep quiet (抑制试算): pairs of target and source among alerts that fire together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .plan import Inhibition


def held_pairs(rule: Inhibition, firing: Sequence[Mapping[str, str]]) -> list[tuple[int, int]]:
    """Return `(target, source)` for each alert that the rule keeps quiet, by place in `firing`.

    The source is the first in the order given that does it. An alert that is itself a source of the rule is never
    its target, so that two alerts cannot keep each other quiet and be told to nobody.

    Args:
        rule: the inhibition.
        firing: labels of the alerts that fire at one instant.
    """
    first: dict[tuple[str, ...], int] = {}
    for place, labels in enumerate(firing):
        if rule.is_source(labels):
            first.setdefault(rule.key(labels), place)
    return [
        (place, first[rule.key(labels)])
        for place, labels in enumerate(firing)
        if rule.is_target(labels) and rule.key(labels) in first
    ]
