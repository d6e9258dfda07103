"""Composite rating (综合评级): frozen goalposts to points, aspects, total, grade and what capped it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, later

from .model import Grade, Model
from .normalising import Floats, normalise

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model says of units (评价结果); arrays are units × something, NaN where not assessed.

    Args:
        points: units × items, 0–100.
        contributions: units × items; they add up to the total (before bonus and penalty).
        aspects: units × aspects, 0–100.
        totals: one per unit, clipped to 0–100.
        grades: published grade codes; empty where not graded.
        uncapped: grade codes before caps.
        capped_by: why the grade was lowered: an aspect's code, `veto`, or empty.
        ranks: 1 is best; units not graded have rank 0.
    """

    points: Floats
    contributions: Floats
    aspects: Floats
    totals: Floats
    grades: tuple[str, ...]
    uncapped: tuple[str, ...]
    capped_by: tuple[str, ...]
    ranks: npt.NDArray[np.int64]


def points_of(model: Model, values: Floats) -> Floats:
    """Return units × items points; refuses arrays that do not fit the model."""
    if values.ndim != 2 or values.shape[1] != len(model.items):
        raise BadInput(f"取值应为 单位数 × {len(model.items)} 的表，实际为 {values.shape}。")
    return np.column_stack([normalise(item, values[:, n]) for n, item in enumerate(model.items)])


def _weighed(columns: npt.NDArray[np.generic], weights: Floats) -> Floats:
    """Return each row's Σ column × weight, added column by column.

    A matrix product rounds differently with the number of rows; a unit's score must not move in its last
    digit because another unit was added.
    """
    total = np.zeros(columns.shape[0])
    for column, weight in enumerate(weights):
        total += columns[:, column] * weight
    return total


def aggregate(
    model: Model, points: Floats, weights: Floats, aspect_weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return aspects, totals and contributions for given item and aspect weights."""
    available = ~np.isnan(points)
    filled = np.where(available, points, 0.0)
    aspects = np.full((points.shape[0], len(model.aspects)), np.nan)
    contributions = np.zeros_like(filled)
    share = aspect_weights / aspect_weights.sum()
    for column, aspect in enumerate(model.aspects):
        where = model.of(aspect)
        w = weights[where]
        weight = _weighed(available[:, where], w)
        enough = weight >= model.missing.min_weight * w.sum() - 1e-9
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = filled[:, where] * w / weight[:, None]
            aspects[:, column] = np.where(enough, _weighed(parts, np.ones(len(w))), np.nan)
        contributions[:, where] = parts * share[column]
    totals = _weighed(aspects, share)
    contributions[np.isnan(totals)] = np.nan
    return aspects, totals, contributions


def grade_index(grades: Sequence[Grade], scores: Floats) -> npt.NDArray[np.int64]:
    """Return each score's grade position, 0 the best; -1 for a score that is missing."""
    lows = np.array([g.low for g in reversed(grades)])
    index = len(grades) - np.searchsorted(lows, scores + 1e-9, side="right")
    return np.where(np.isnan(scores), -1, np.minimum(index, len(grades) - 1))


def ranks_of(totals: Floats) -> npt.NDArray[np.int64]:
    """Return competition ranks (1, 2, 2, 4), best first; 0 where there is no total."""
    good = ~np.isnan(totals)
    higher = (totals[None, :] > totals[:, None] + 1e-9) & good[None, :]
    return np.where(good, higher.sum(axis=1) + 1, 0)


def evaluate(
    model: Model,
    values: Floats,
    *,
    bonus: Floats | None = None,
    penalty: Floats | None = None,
    vetoes: Sequence[str | None] | None = None,
) -> Evaluation:
    """Return scores, grades and ranks of units.

    Args:
        model: the version that counts.
        values: units × items raw values, NaN where missing, in the order of `model.items`.
        bonus: points added, one per unit.
        penalty: points taken off, one per unit.
        vetoes: per unit the best grade a veto allows, or None.

    Raises:
        BadInput: arrays do not fit, or a veto names no grade.
    """
    values = np.asarray(values, dtype=np.float64)
    points = points_of(model, values)
    weights = np.array([item.weight for item in model.items])
    aspects, raw, contributions = aggregate(model, points, weights, np.array(list(model.aspects.values())))
    count = len(raw)
    totals = np.clip(raw + (0 if bonus is None else bonus) - (0 if penalty is None else penalty), 0, 100)
    codes = [g.code for g in model.grades]
    first = grade_index(model.grades, totals)
    final = first.copy()
    capped: list[str] = [""] * count
    worst = grade_index(model.grades, aspects.ravel()).reshape(aspects.shape)
    names = list(model.aspects)
    for unit in range(count):
        if final[unit] < 0:
            continue
        if model.weakest_cap is not None:
            column = int(np.argmax(worst[unit]))
            limit = int(worst[unit, column]) - model.weakest_cap
            if limit > final[unit]:
                final[unit], capped[unit] = limit, names[column]
        veto = vetoes[unit] if vetoes is not None else None
        if veto:
            if veto not in codes:
                raise BadInput(f"否决指标给出的等级「{veto}」不在模型的等级中。")
            if codes.index(veto) > final[unit]:
                final[unit], capped[unit] = codes.index(veto), "veto"
    return Evaluation(
        points=points,
        contributions=contributions,
        aspects=aspects,
        totals=totals,
        grades=tuple(codes[i] if i >= 0 else "" for i in final),
        uncapped=tuple(codes[i] if i >= 0 else "" for i in first),
        capped_by=tuple(capped),
        ranks=ranks_of(totals),
    )
