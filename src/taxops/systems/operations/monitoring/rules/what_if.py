"""What a health tree would say (健康树推演): if these were bad, and which parts it hangs on alone or in pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from taxops.engines.checks import Health, Leaf, Tree, evaluate, explain_tree, leaves

MOST_PAIRED = 40
"""Pairs are looked for among so many leaves; more would be slow and nobody reads them."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a tree would say (推演结果)."""

    health: Health
    words: str
    alone: Sequence[Leaf]
    """Each of these alone takes the system down (单点)."""
    pairs: Sequence[tuple[Leaf, Leaf]]
    """Each of these pairs does, though neither alone."""
    harmless: Sequence[Leaf]
    """None of these does, alone or with one other."""


def what_if(tree: Tree, bad: Collection[Leaf], names: Mapping[Leaf, str]) -> WhatIf:
    """Return what the tree says while `bad` are bad and everything else is good (推演).

    Args:
        tree: with the members of its patterns.
        bad: leaves supposed to be bad.
        names: what to call the leaves.
    """
    every = list(dict.fromkeys(leaves(tree)))
    good = dict.fromkeys(every, Health.GOOD)

    def down(*parts: Leaf) -> bool:
        return evaluate(tree, {**good, **dict.fromkeys(parts, Health.BAD)}) is Health.BAD

    alone = [leaf for leaf in every if down(leaf)]
    others = [leaf for leaf in every if leaf not in set(alone)][:MOST_PAIRED]
    pairs = [(a, b) for a, b in combinations(others, 2) if down(a, b)]
    paired = {leaf for pair in pairs for leaf in pair}
    states = {**good, **{leaf: Health.BAD for leaf in bad if leaf in good}}
    return WhatIf(
        evaluate(tree, states),
        explain_tree(tree, states, names=names),
        alone,
        pairs,
        [leaf for leaf in others if leaf not in paired],
    )
