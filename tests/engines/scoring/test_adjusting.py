"""Vetoes cap, bonuses add, and what is missing does neither."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import Comparison, Condition, applied, evaluate, parse_model, vetoed

from .models import GOLDEN

pytestmark = pytest.mark.same_everywhere


def model_with(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(GOLDEN), **more}


@pytest.mark.parametrize(
    ("op", "holding", "failing"),
    [(">", 1.1, 1.0), (">=", 1.0, 0.9), ("<", 0.9, 1.0), ("<=", 1.0, 1.1)],
)
def test_each_comparison_at_its_edge(op: str, holding: float, failing: float) -> None:
    condition = Condition("a", Comparison(op), 1.0)
    assert condition.holds(holding)
    assert not condition.holds(failing)
    assert not condition.holds(None)


def test_the_hardest_veto_counts_and_points_add_up() -> None:
    model = parse_model(model_with(
        caps=[{"weakest_aspect": 1}, {"veto": {"code": "错", "op": ">", "limit": 0, "max": "C"}},
              {"veto": {"code": "错", "op": ">", "limit": 5, "max": "E"}}],
        adjust=[{"code": "a", "op": ">=", "limit": 99, "points": 2},
                {"code": "错", "op": ">", "limit": 0, "points": -3}],
    ))  # fmt: skip
    assert model.watched == ("错", "a")
    grades = [g.code for g in model.grades]
    for wrong, grade in ((0.0, None), (1.0, "C"), (6.0, "E"), (None, None)):
        found = vetoed(model.vetoes, {"错": wrong}, grades)
        assert (found.grade if found else None) == grade
    assert [a.points for a in applied(model.adjustments, {"错": 1.0, "a": 99.0})] == [2, -3]
    assert applied(model.adjustments, {"错": None, "a": None}) == []


def test_bonus_and_veto_reach_the_published_grade() -> None:
    model = parse_model(model_with())
    values = np.array([[100.0, 10.0, 100.0, 95.0, 95.0, 95.0, 95.0]] * 3)
    plain = evaluate(model, values)
    moved = evaluate(model, values, bonus=np.array([3.0, -20.0, 0.0]), vetoes=[None, None, "D"])
    assert moved.totals[0] == pytest.approx(min(100.0, plain.totals[0] + 3))
    assert moved.totals[1] == pytest.approx(plain.totals[1] - 20)
    assert (moved.grades[2], moved.capped_by[2]) == ("D", "veto")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"caps": [{"veto": {"code": "", "op": ">", "limit": 0, "max": "C"}}]}, "没有写明指标"),
        ({"caps": [{"veto": {"code": "x", "op": "=", "limit": 0, "max": "C"}}]}, "比较"),
        ({"caps": [{"veto": {"code": "x", "op": ">", "limit": "零", "max": "C"}}]}, "界限"),
        ({"caps": [{"veto": {"code": "x", "op": ">", "limit": 0, "max": "Z"}}]}, "等级"),
        ({"adjust": [{"code": "x", "op": ">", "limit": 0, "points": 0}]}, "分值"),
        ({"adjust": [{"code": "x", "op": ">", "limit": 0, "points": 101}]}, "分值"),
        ({"adjust": [{"code": "x", "op": ">", "limit": 0, "points": None}]}, "分值"),
    ],
)
def test_what_cannot_be_is_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_model(model_with(**more))
