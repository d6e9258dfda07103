"""Robustness is deterministic, contains the published rank, and marks what stands on a line."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import evaluate, parse_model, robustness

from .models import GOLDEN

MODEL = parse_model(GOLDEN)


def test_the_same_seed_gives_the_same_answer_and_holds_the_rank() -> None:
    values = np.random.default_rng(1).uniform(0, 110, (30, 7))
    a, b = (robustness(MODEL, values, seed=7, runs=400) for _ in range(2))
    assert np.array_equal(a.low, b.low)
    assert np.array_equal(a.kept, b.kept, equal_nan=True)
    ranks = evaluate(MODEL, values).ranks
    inside = (a.low <= ranks) & (ranks <= a.high)
    assert inside.mean() > 0.9


def test_without_any_variation_nothing_moves() -> None:
    values = np.random.default_rng(2).uniform(0, 110, (12, 7))
    found = robustness(MODEL, values, seed=1, runs=50, spread=0, drop_one=False)
    assert np.array_equal(found.low, found.high)
    assert found.kept.tolist() == [1.0] * 12
    assert not found.borderline.any()


def test_a_unit_on_a_line_is_borderline_and_one_far_from_it_is_not() -> None:
    rows = np.array([[99, 12, 99, 99, 99, 99, 99], [98, 14, 60, 70, 88, 99, 72]], dtype=float)
    assert robustness(MODEL, rows, seed=3, runs=300).borderline.tolist() == [False, True]


def test_units_that_are_not_graded_have_no_interval() -> None:
    found = robustness(MODEL, np.array([[np.nan] * 7, [99.0] * 7]), seed=3, runs=10)
    assert found.low.tolist()[0] == 0
    assert np.isnan(found.kept[0])


def test_senseless_settings_are_refused() -> None:
    with pytest.raises(BadInput):
        robustness(MODEL, np.zeros((1, 7)), seed=1, runs=0)
