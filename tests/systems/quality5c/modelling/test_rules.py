"""Models: the shipped tree, AHP with its refusal, weights side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.scoring import parse_model
from taxops.systems.quality5c.definitions.shipped import shipped
from taxops.systems.quality5c.modelling.rules import (
    Spread,
    WeightRow,
    ahp_of,
    checked,
    codes_of,
    goalposts_of,
    percent,
    rescaled,
    shipped_model,
    weight_table,
    with_weights,
)
from taxops.systems.quality5c.modelling.words import WeightMethod

pytestmark = pytest.mark.same_everywhere
DEFINITIONS = {code: d for code, (_, d) in shipped().items()}


def test_the_shipped_model_adds_up_and_covers_the_five_aspects() -> None:
    data = shipped_model(DEFINITIONS)
    model = checked(data, DEFINITIONS)
    assert dict(model.aspects) == {"C1": 30, "C2": 20, "C3": 20, "C4": 15, "C5": 15}
    assert len(codes_of(data)) == 14 + 14 + 13 + 8 + 8 - 1
    for code in codes_of(data):
        assert DEFINITIONS[code].direction.value != "range" or code in {"C303", "C404"}


def test_the_worst_post_is_on_the_worse_side() -> None:
    for part in shipped_model(DEFINITIONS)["tree"].values():
        for code, item in part["items"].items():
            if "goalposts" in item["norm"]:
                worst, best = item["norm"]["goalposts"]
                assert (worst < best) == (DEFINITIONS[code].direction.value == "up"), code


def test_a_matrix_that_contradicts_itself_is_refused_and_the_pair_named() -> None:
    bad = "1 3 1/3\n1/3 1 3\n3 1/3 1"
    with pytest.raises(BadInput, match=r"一致性比率为 \d\.\d+，不小于 0\.1") as caught:
        ahp_of(bad, ["甲", "乙", "丙"])
    assert "「" in caught.value.todo
    good = ahp_of("1 3 5\n1/3 1 2\n1/5 1/2 1", ["甲", "乙", "丙"])
    assert good.ratio < 0.1
    assert good.weights.sum() == pytest.approx(100)


@pytest.mark.parametrize("text", ["1 2\n1/2 1", "1 a 3\n1 1 1\n1 1 1", "1 1/0 1\n1 1 1\n1 1 1", ""])
def test_a_matrix_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        ahp_of(text, ["甲", "乙", "丙"])


def test_unknown_indicators_are_refused() -> None:
    with pytest.raises(BadInput, match="C101"):
        checked(shipped_model(DEFINITIONS), {c: d for c, d in DEFINITIONS.items() if c != "C101"})


def test_weights_stand_side_by_side_and_gaps_are_left_out() -> None:
    data = {"model": "试", "tree": {"C1": {"w": 100, "items": {
        "a": {"w": 60, "norm": {"target": 1}}, "b": {"w": 30, "norm": {"target": 1}},
        "c": {"w": 10, "norm": {"target": 1}}}}}}  # fmt: skip
    model = parse_model(data)
    points = np.array([[10.0, 50, np.nan], [90, 52, np.nan], [50, 49, np.nan]])
    rows = weight_table(model, points)["C1"]
    assert [r.manual for r in rows] == [60, 30, 10]
    assert rows[2].entropy is None
    first, second = rows[0].entropy, rows[1].entropy
    assert first is not None
    assert second is not None
    assert first > 90 > second
    assert first + second == pytest.approx(100)
    assert all(r.entropy is None for r in weight_table(model, np.zeros((0, 3)))["C1"])


def test_a_level_is_brought_to_a_hundred_and_what_was_typed_stays() -> None:
    level = {c: {"w": w} for c, w in (("a", 50), ("b", 30), ("c", 20), ("d", 20))}
    found = rescaled(level, {"d"})
    assert found["d"]["w"] == 20
    assert sum(x["w"] for x in found.values()) == pytest.approx(100)
    assert found["a"]["w"] / found["b"]["w"] == pytest.approx(50 / 30, rel=1e-3)
    for kept in ({"a", "b", "c", "d"}, {"a", "b", "c"}):
        with pytest.raises(BadInput, match="120"):
            rescaled(level, kept)
    thirds = rescaled({c: {"w": 10} for c in "abc"}, set())
    assert sum(x["w"] for x in thirds.values()) == pytest.approx(100, abs=1e-9)


@pytest.mark.parametrize("weights", [[33.333, 33.333, 33.334], [14.2857] * 7, [100.0]])
def test_rounded_weights_add_up(weights: list[float]) -> None:
    assert sum(percent(weights)) == pytest.approx(100, abs=1e-9)


def test_goalposts_follow_the_direction() -> None:
    assert goalposts_of(Spread(0.9, 0.99, 60, "up")) == [0.9, 0.99]
    assert goalposts_of(Spread(0.1, 0.3, 60, "down")) == [0.3, 0.1]


def test_what_is_watched_belongs_to_the_model() -> None:
    caps = [{"weakest_aspect": 1}, {"veto": {"code": "C504"}}]
    data = {
        "tree": {"C1": {"items": {"C101": {}}}},
        "caps": caps,
        "adjust": [{"code": "C101"}, {"code": "B01"}],
    }
    assert codes_of(data) == ["C101", "C504", "B01"]


@given(
    st.lists(st.floats(0, 90), min_size=2, max_size=13), st.lists(st.booleans(), min_size=13, max_size=13),
    st.sampled_from(WeightMethod),
)  # fmt: skip
def test_computed_weights_taken_over_still_make_a_model(
    computed: list[float], without: list[bool], method: WeightMethod
) -> None:
    data = shipped_model(DEFINITIONS)
    rows = [
        WeightRow(code, item["w"], *([None, None] if none else [w, w]))
        for (code, item), w, none in zip(data["tree"]["C1"]["items"].items(), computed, without, strict=False)
    ]
    after = with_weights(data, {"C1": rows}, method, ["C1", "C2"])
    checked(after, DEFINITIONS)
    assert after["tree"]["C2"] == data["tree"]["C2"], "nothing was computed for it"
    kept = {r.code for r in rows if r.entropy is None}
    old, new = data["tree"]["C1"]["items"], after["tree"]["C1"]["items"]
    assert all(new[c]["w"] == old[c]["w"] for c in kept)
    assert all(new[c]["norm"] == old[c]["norm"] for c in old), "only weights change"


def test_the_share_of_computed_weights_follows_their_proportion() -> None:
    data = {"tree": {"C1": {"w": 100, "items": {"a": {"w": 50}, "b": {"w": 30}, "c": {"w": 20}}}}}
    rows = [WeightRow("a", 50, 60, 0), WeightRow("b", 30, 20, 80), WeightRow("c", 20, None, None)]
    by_entropy = with_weights(data, {"C1": rows}, WeightMethod.ENTROPY, ["C1"])["tree"]["C1"]["items"]
    assert {c: i["w"] for c, i in by_entropy.items()} == {"a": 60, "b": 20, "c": 20}
    by_critic = with_weights(data, {"C1": rows}, WeightMethod.CRITIC, ["C1"])["tree"]["C1"]["items"]
    assert {c: i["w"] for c, i in by_critic.items()} == {"a": 0.01, "b": 79.99, "c": 20}
    assert with_weights(data, {"C1": rows}, WeightMethod.CRITIC, [])["tree"] == data["tree"]
