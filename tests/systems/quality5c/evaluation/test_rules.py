"""Scores: the golden example, contributions that add up, equal input no difference, other weights."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import parse_model
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.evaluation.rules import (
    compare,
    fingerprint,
    overlaid,
    percentiles_of,
    score_units,
    summary,
)

pytestmark = pytest.mark.same_everywhere
GOLDEN: dict[str, Any] = {
    "model": "算例",
    "tree": {
        "征": {"w": 30, "items": {"a": {"w": 50, "norm": {"goalposts": [90, 100]}},
                                 "b": {"w": 30, "norm": {"goalposts": [30, 10]}},
                                 "c": {"w": 20, "norm": {"target": 1}}}},
        **{name: {"w": w, "items": {f"x{n}": {"w": 100, "norm": {"target": 100}}}}
           for n, (name, w) in enumerate([("服", 20), ("控", 20), ("查", 15), ("纠", 15)])},
    },
}  # fmt: skip


def _figures(unit: int, a: float = 97, b: float = 14) -> dict[tuple[int, str], Figure]:
    values = {"a": a, "b": b, "x0": 90.0, "x1": 88.0, "x2": 95.0, "x3": 52.0}
    return {(unit, code): Figure(v, 1, v) for code, v in values.items()}


def test_the_golden_example_to_the_last_decimal() -> None:
    (s,) = score_units(parse_model(GOLDEN), [1], ["县局"], _figures(1), runs=50)
    assert s.aspects["征"]["score"] == pytest.approx(73.75)
    assert s.total == pytest.approx(79.775)
    assert (s.uncapped, s.grade, s.capped_by) == ("C", "D", "纠")


def test_contributions_add_up_to_the_score_and_losses_to_what_is_missing() -> None:
    (s,) = score_units(parse_model(GOLDEN), [1], ["县局"], _figures(1), runs=50)
    assert s.total is not None
    assert sum(p.contribution or 0 for p in s.parts) == pytest.approx(s.total, abs=0.001)
    assert sum(p.loss or 0 for p in s.parts) == pytest.approx(100 - s.total, abs=0.001)
    assert sum(p.weight for p in s.parts) == pytest.approx(100)


def test_too_little_weight_is_not_evaluated() -> None:
    figures = {k: v for k, v in _figures(1).items() if k[1] != "b"}  # half of 征 remains: under 70 %
    (s,) = score_units(parse_model(GOLDEN), [1], ["县局"], figures, runs=20)
    assert (s.total, s.grade, s.rank) == (None, "", 0)
    assert s.aspects["征"]["score"] is None


def test_equal_figures_and_versions_give_no_difference_and_one_fingerprint() -> None:
    units = list(range(1, 8))
    figures = {k: v for u in units for k, v in _figures(u, a=90 + u, b=12 + u).items()}
    model = parse_model(GOLDEN)
    before = score_units(model, units, ["县局"] * 7, figures, runs=60)
    again = score_units(model, units, ["县局"] * 7, dict(reversed(figures.items())), runs=60)
    moved = compare(before, again)
    assert summary(moved) == {
        "units": 7,
        "changed": 0,
        "grades": 0,
        "tiers": 0,
        "mean_shift": 0.0,
        "max_shift": 0,
    }
    assert fingerprint(before) == fingerprint(again)


def test_nobody_s_total_moves_because_a_neighbour_moved() -> None:
    model = parse_model(GOLDEN)
    alone = score_units(model, [1], ["县局"], _figures(1), runs=20)[0]
    both = score_units(model, [1, 2], ["县局"] * 2, _figures(1) | _figures(2, a=100, b=10), runs=20)
    assert both[0].total == alone.total
    assert (both[0].rank, both[1].rank) == (2, 1)


def test_small_peer_groups_are_not_summarised() -> None:
    units = list(range(1, 10))
    figures = {k: v for u in units for k, v in _figures(u, a=90 + u).items()}
    classes = ["甲"] * 5 + ["乙"] * 4
    scores = score_units(parse_model(GOLDEN), units, classes, figures, runs=20)
    assert [s.parts[0].peer_median for s in scores] == [93.0] * 5 + [None] * 4


def test_other_weights_leave_each_level_at_a_hundred() -> None:
    data = overlaid(GOLDEN, {"征": 40, "a": 70})
    model = parse_model(data)
    assert model.aspects["征"] == 40
    assert sum(model.aspects.values()) == pytest.approx(100)
    assert [round(i.weight, 6) for i in model.items[:3]] == [70, 18, 12]
    assert GOLDEN["tree"]["征"]["w"] == 30, "the model that counts is not touched"


@pytest.mark.parametrize("weights", [{"没有": 10}, {"征": 0}, {"征": 100}, {"征": 60, "服": 60}, {"x0": 50}])
def test_weights_that_cannot_be_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        overlaid(GOLDEN, weights)


def test_there_must_be_a_unit() -> None:
    with pytest.raises(BadInput, match="参评单位"):
        score_units(parse_model(GOLDEN), [], [], {})
    assert percentiles_of([1, 2, 2], ["a"] * 3) == pytest.approx([1 / 6, 4 / 6, 4 / 6])
