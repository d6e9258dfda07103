"""Fusion (排序融合): several orders of the same things made into one by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def fuse(orders: Sequence[Sequence[K]], *, k: int = 60, weights: Sequence[float] = ()) -> list[K]:
    """Return one order of everything that any order names; what several put in front comes first.

    >>> fuse([["a", "b", "c"], ["b", "d"]])
    ['b', 'a', 'd', 'c']
    """
    scores: dict[K, float] = {}
    for number, order in enumerate(orders):
        weight = weights[number] if number < len(weights) else 1.0
        for place, key in enumerate(dict.fromkeys(order)):
            scores[key] = scores.get(key, 0.0) + weight / (k + place + 1)
    return sorted(scores, key=lambda key: -scores[key])
