"""Tiers compare with peers only."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import Tier, difficulty_classes, parse_model, percentiles, tier_of, tiers

from .models import GOLDEN


def test_mid_rank_percentiles_within_each_class() -> None:
    found = percentiles(np.array([[1.0], [2], [2], [4], [9], [np.nan]]), ["甲", "甲", "甲", "甲", "乙", "乙"])
    assert found[:5, 0].tolist() == [0.125, 0.5, 0.5, 0.875, 0.5]
    assert np.isnan(found[5, 0])


@pytest.mark.parametrize(
    ("p", "tier"), [(1, Tier.I), (0.8, Tier.I), (0.79, Tier.II), (0.2, Tier.IV), (0, Tier.V)]
)
def test_lines_belong_to_the_better_tier(p: float, tier: Tier) -> None:
    assert tier_of(p) is tier


def test_every_unit_is_in_one_class_and_small_ones_say_so() -> None:
    kinds = ["县"] * 34 + ["市"] * 5
    found = difficulty_classes(kinds, np.arange(39.0))
    assert all(found)
    assert {found.count(name) >= 8 for name in set(found) if name.startswith("县")} == {True}
    assert set(found[34:]) == {"市（合并）"}


def test_classes_must_fit_the_units() -> None:
    with pytest.raises(BadInput):
        percentiles(np.zeros((2, 1)), ["甲"])


def test_the_best_of_its_class_is_in_the_first_tier_in_every_aspect() -> None:
    points = np.tile(np.arange(10.0)[:, None], (1, 7))
    _, by_aspect, total = tiers(parse_model(GOLDEN), points, ["甲"] * 10)
    assert set(by_aspect[9]) == {Tier.I}
    assert total[0] is Tier.V
