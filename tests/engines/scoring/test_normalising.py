"""Normalisers do what their names say, at the edges too."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.scoring import Band, Item, Norm, normalise


@pytest.mark.parametrize(
    ("_case", "item", "raw", "points"),
    [
        ("up", Item("x", "a", 1, Norm.GOALPOSTS, (90, 100)), [80, 90, 97, 100, 120], [0, 0, 70, 100, 100]),
        ("down", Item("x", "a", 1, Norm.GOALPOSTS, (30, 10)), [40, 30, 14, 10, 5], [0, 0, 80, 100, 100]),
        ("target", Item("x", "a", 1, Norm.TARGET, (50,)), [-1, 25, 50, 60], [0, 50, 100, 100]),
        ("range", Item("x", "a", 1, Norm.RANGE, (4, 6, 2)), [1, 3, 4, 5, 6, 7, 9], [0, 50, 100, 100, 100, 50, 0]),
        ("bands", Item("x", "a", 1, Norm.BANDS, bands=(Band(0, 10), Band(5, 60), Band(9, 100))), [-1, 0, 5, 8.9, 9],
         [0, 10, 60, 60, 100]),
    ],
)  # fmt: skip
def test_points(_case: str, item: Item, raw: list[float], points: list[float]) -> None:
    assert normalise(item, np.array(raw, dtype=float)).tolist() == pytest.approx(points)
    assert np.isnan(normalise(item, np.array([np.nan]))).all()
