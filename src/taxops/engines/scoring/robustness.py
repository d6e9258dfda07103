"""Robustness (稳健性): how much the published ranks and grades depend on the choice of weights and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, later

from .evaluation import aggregate, grade_index, points_of
from .model import Model
from .normalising import Floats

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")


@dataclass(frozen=True, slots=True)
class Robustness:
    """What many runs with slightly other choices say (稳健性检验).

    Args:
        low: best rank of the 90 % interval.
        high: worst rank of it.
        kept: share of runs in which the unit keeps its grade (before caps).
        borderline: 临界: the score's 90 % interval crosses a grade line.
    """

    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    kept: Floats
    borderline: npt.NDArray[np.bool_]


def robustness(
    model: Model, values: Floats, *, seed: int, runs: int = 1000, spread: float = 0.25, drop_one: bool = True
) -> Robustness:
    """Return rank intervals and grade stability by Monte Carlo; the same seed gives the same answer.

    Each run varies all weights by up to `spread` and, with `drop_one`, leaves out one item.

    Raises:
        BadInput: runs or spread are out of range.
    """
    if not 1 <= runs <= 100_000 or not 0 <= spread < 1:
        raise BadInput("稳健性检验的次数应在 1 到 10 万之间，权重扰动应小于 100%。")
    random = np.random.default_rng(seed)
    points = points_of(model, np.asarray(values, dtype=np.float64))
    units, items = points.shape
    available = ~np.isnan(points)
    filled = np.where(available, points, 0.0)
    weights = np.array([i.weight for i in model.items]) * random.uniform(
        1 - spread, 1 + spread, (runs, items)
    )
    if drop_one and items > 1:
        weights[np.arange(runs), random.integers(0, items, runs)] = 0.0
    shares = np.array(list(model.aspects.values())) * random.uniform(
        1 - spread, 1 + spread, (runs, len(model.aspects))
    )
    shares /= shares.sum(axis=1, keepdims=True)
    full = np.array([i.weight for i in model.items])
    totals = np.zeros((runs, units))
    for column, aspect in enumerate(model.aspects):
        where = model.of(aspect)
        enough = available[:, where] @ full[where] >= model.missing.min_weight * full[where].sum() - 1e-9
        weight = weights[:, where] @ available[:, where].T
        with np.errstate(invalid="ignore", divide="ignore"):
            score = (weights[:, where] @ filled[:, where].T) / weight
        plain = (available[:, where] * full[where]).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            fallback = (filled[:, where] * full[where]).sum(axis=1) / plain
        score = np.where(weight > 0, score, fallback)  # the only item of the aspect was left out
        totals += shares[:, [column]] * np.where(enough, score, np.nan)
    graded = ~np.isnan(totals[0])
    order = (
        np.argsort(np.argsort(-np.where(np.isnan(totals), -np.inf, totals), axis=1, kind="stable"), axis=1)
        + 1
    )
    low, high = np.quantile(order, [0.05, 0.95], axis=0, method="nearest")
    base = _base(model, points)
    home = grade_index(model.grades, base)
    found = grade_index(model.grades, totals.ravel()).reshape(totals.shape)
    kept = (found == home[None, :]).mean(axis=0)
    with np.errstate(invalid="ignore"):
        bottom, top = np.quantile(totals, [0.05, 0.95], axis=0)
    borderline = grade_index(model.grades, bottom) != grade_index(model.grades, top)
    return Robustness(
        np.where(graded, low, 0).astype(np.int64),
        np.where(graded, high, 0).astype(np.int64),
        np.where(graded, kept, np.nan),
        borderline & graded,
    )


def _base(model: Model, points: Floats) -> Floats:
    weights = np.array([item.weight for item in model.items])
    return aggregate(model, points, weights, np.array(list(model.aspects.values())))[1]
