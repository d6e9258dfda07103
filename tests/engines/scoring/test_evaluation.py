"""The golden example, and the properties that every evaluation has."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines import scoring
from taxops.engines.base import BadInput
from taxops.engines.scoring import evaluate, parse_model

from .models import GOLDEN

MODEL = parse_model(GOLDEN)
UNIT = [97, 14, np.nan, 90, 88, 95, 52]


def test_the_golden_example_to_the_last_digit() -> None:
    found = evaluate(MODEL, np.array([UNIT]))
    assert found.points[0, :2].tolist() == [70.0, 80.0]
    assert found.aspects[0, 0] == pytest.approx(73.75)
    assert found.totals[0] == pytest.approx(79.775)
    assert (found.uncapped, found.grades, found.capped_by) == (("C",), ("D",), ("纠",))


def test_the_example_that_strangers_read_first_is_true() -> None:
    told = doctest.testmod(scoring)
    assert told.attempted > 2
    assert told.failed == 0


def test_too_little_weight_means_no_assessment_and_exactly_enough_is_enough() -> None:
    gone = [np.nan, 14, 50, 90, 88, 95, 52]  # 50 % of the aspect
    edge = {**GOLDEN, "missing": {"min_weight": 0.5}}
    assert evaluate(MODEL, np.array([gone])).grades == ("",)
    assert evaluate(parse_model(edge), np.array([gone])).grades != ("",)


def test_a_veto_caps_and_bonus_and_penalty_are_clipped() -> None:
    best = np.array([[100, 10, 100, 100, 100, 100, 100]] * 2)
    found = evaluate(MODEL, best, bonus=np.array([5, 0]), penalty=np.array([0, 30]), vetoes=[None, "E"])
    assert found.totals.tolist() == [100, 70]
    assert (found.grades, found.capped_by) == (("A", "E"), ("", "veto"))
    with pytest.raises(BadInput, match="不在模型的等级中"):
        evaluate(MODEL, best, vetoes=["F", None])


values = st.lists(
    st.lists(st.one_of(st.floats(-50, 150), st.just(float("nan"))), min_size=7, max_size=7),
    min_size=1,
    max_size=12,
)


@given(values)
def test_contributions_add_up_to_the_score(rows: list[list[float]]) -> None:
    found = evaluate(MODEL, np.array(rows))
    for unit, total in enumerate(found.totals):
        if np.isnan(total):
            assert found.grades[unit] == ""
            assert found.ranks[unit] == 0
        else:
            assert found.contributions[unit].sum() == pytest.approx(total, abs=1e-6)


@given(values)
def test_equal_versions_give_no_difference(rows: list[list[float]]) -> None:
    a, b = evaluate(MODEL, np.array(rows)), evaluate(parse_model(GOLDEN), np.array(rows))
    assert np.array_equal(a.totals, b.totals, equal_nan=True)
    assert a.grades == b.grades


@given(values)
def test_nobody_moves_because_a_neighbour_moved(rows: list[list[float]]) -> None:
    together = evaluate(MODEL, np.array(rows))
    alone = evaluate(MODEL, np.array(rows[:1]))
    assert np.array_equal(alone.totals[:1], together.totals[:1], equal_nan=True)


def test_ranks_are_shared_by_equals() -> None:
    rows = np.array([[100, 10, 100, x, x, x, x] for x in (50, 70, 70, 10)])
    assert evaluate(MODEL, rows).ranks.tolist() == [3, 1, 1, 4]


def test_a_table_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInput, match="单位数 × 7"):
        evaluate(MODEL, np.zeros((3, 6)))
