"""Tier classification (分类分级): percentile within a peer class, so that size and difficulty do not decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, Choices, later

from .model import Model
from .normalising import Floats

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")


class Tier(Choices):
    """A level within the peer class (级)."""

    I = "1", "Ⅰ级"  # noqa: E741  # the official numerals
    II = "2", "Ⅱ级"
    III = "3", "Ⅲ级"
    IV = "4", "Ⅳ级"
    V = "5", "Ⅴ级"


_LOWS = ((0.8, Tier.I), (0.6, Tier.II), (0.4, Tier.III), (0.2, Tier.IV), (-1.0, Tier.V))


def tier_of(p: float) -> Tier | None:
    """Return the tier of a weighted percentile; None when there is none."""
    if np.isnan(p):
        return None
    return next(tier for low, tier in _LOWS if p >= low - 1e-12)


def percentiles(points: Floats, classes: Sequence[str]) -> Floats:
    """Return mid-rank percentiles within each class: (worse + half of equal) / n, NaN where missing.

    Raises:
        BadInput: as many classes as units are needed.
    """
    x = np.asarray(points, dtype=np.float64)
    if len(classes) != len(x):
        raise BadInput("每个单位都应有且只有一个类别。")
    found = np.full_like(x, np.nan)
    names = np.asarray(classes)
    for name in set(classes):
        where = np.flatnonzero(names == name)
        for column in range(x.shape[1]):
            v = x[where, column]
            good = ~np.isnan(v)
            if good.any():
                w = v[good]
                worse = (w[None, :] < w[:, None]).sum(axis=1)
                equal = (w[None, :] == w[:, None]).sum(axis=1)
                found[where[good], column] = (worse + 0.5 * equal) / len(w)
    return found


def tiers(
    model: Model, points: Floats, classes: Sequence[str]
) -> tuple[Floats, list[list[Tier | None]], list[Tier | None]]:
    """Return percentiles per item, tiers per aspect and the overall tier of each unit."""
    p = percentiles(points, classes)
    weights = np.array([item.weight for item in model.items])
    columns = []
    for aspect in model.aspects:
        where = model.of(aspect)
        good = ~np.isnan(p[:, where])
        weight = good @ weights[where]
        with np.errstate(invalid="ignore", divide="ignore"):
            columns.append(np.nansum(p[:, where] * weights[where], axis=1) / weight)
    by_aspect = np.column_stack(columns)
    total = by_aspect @ (np.array(list(model.aspects.values())) / 100.0)
    return p, [[tier_of(v) for v in row] for row in by_aspect], [tier_of(v) for v in total]


def difficulty_classes(
    kinds: Sequence[str], difficulty: Floats, *, parts: int = 4, smallest: int = 8
) -> list[str]:
    """Return a peer class per unit: its kind, then quantiles of difficulty; small classes merge and say so.

    Classes of fewer than `smallest` units join their kind's neighbour; a kind too small for any split stays whole.
    """
    index = np.asarray(difficulty, dtype=np.float64)
    found: list[str] = [""] * len(kinds)
    names: npt.NDArray[np.str_] = np.asarray(kinds, dtype=str)
    for kind in sorted(set(kinds)):
        where = np.flatnonzero(names == kind)
        count = max(1, min(parts, len(where) // smallest))
        order = where[np.argsort(index[where], kind="stable")]
        for number, members in enumerate(np.array_split(order, count), start=1):
            label = (
                f"{kind}{number}类"
                if count > 1
                else f"{kind}（合并）"
                if len(where) < smallest
                else str(kind)
            )
            for unit in members:
                found[unit] = label
    return found
