"""The form of a model: what is shown comes back unchanged, and what is typed lands where it belongs."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import parse_model
from taxops.systems.quality5c.modelling.editing import ModelForm, data_of, initial_of
from taxops.systems.quality5c.modelling.forms import AhpForm, inverse
from taxops.systems.quality5c.modelling.rules import Spread, ahp_of

pytestmark = pytest.mark.same_everywhere
NAMES = {"a": "甲", "b": "乙", "c": "丙", "z": "新"}
CONTENT: dict[str, Any] = {
    "model": "示例",
    "tree": {
        "C1": {"w": 60, "items": {"a": {"w": 50, "norm": {"goalposts": [0.9, 1]}},
                                  "b": {"w": 50, "norm": {"bands": [[0, 20], [0.5, 100]]}}}},
        "C2": {"w": 40, "items": {"c": {"w": 100, "norm": {"range": [1, 2, 0.5]}}}},
    },
    "missing": {"min_weight": 0.7},
    "caps": [{"weakest_aspect": 1}, {"veto": {"code": "c", "op": ">", "limit": 0, "max": "C"}}],
    "adjust": [{"code": "a", "op": ">=", "limit": 0.99, "points": -2}],
    "grades": {"A": 90, "B": 80, "C": 0},
}  # fmt: skip


def sent(**changes: Any) -> dict[str, Any]:
    """Return what the form would send, as the browser does."""
    values = {**initial_of(CONTENT), "note": "改", **changes}
    form = ModelForm({k: v for k, v in values.items() if v is not None}, content=CONTENT, names=NAMES,
                     spreads={"a": Spread(0.8, 0.95, 40, "up")})  # fmt: skip
    assert form.is_valid(), form.errors
    return form.cleaned_data


def made(**changes: Any) -> dict[str, Any]:
    return data_of(CONTENT, sent(**changes), norms={"z": {"goalposts": [0, 1]}},
                   spreads={"a": Spread(0.8, 0.95, 40, "up")})  # fmt: skip


def test_what_is_not_touched_comes_back_unchanged() -> None:
    assert made() == CONTENT
    parse_model(made())


def test_members_come_and_go_and_the_rest_shares() -> None:
    found = made(nc_0="z", na_0="C1", nw_0=20, rescale=True)["tree"]["C1"]["items"]
    assert {c: i["w"] for c, i in found.items()} == {"a": 40, "b": 40, "z": 20}
    assert list(made(x_a=True, w_b=100)["tree"]["C1"]["items"]) == ["b"]
    with pytest.raises(BadInput, match="权重"):
        made(nc_0="z", na_0="C1")


def test_goalposts_by_percentile_vetoes_and_grades() -> None:
    found = made(q_a=True, vc_1="b", vo_1="<", vl_1=0.2, vg_1="B", g_B=75, weakest=None, min_weight=60)
    assert found["tree"]["C1"]["items"]["a"]["norm"] == {"goalposts": [0.8, 0.95]}
    assert found["caps"] == [CONTENT["caps"][1], {"veto": {"code": "b", "op": "<", "limit": 0.2, "max": "B"}}]
    assert found["grades"]["B"] == 75
    assert found["missing"]["min_weight"] == 0.6
    with pytest.raises(BadInput, match="没有填全"):
        made(jc_1="b", jo_1="<")


def test_the_lower_triangle_follows_from_the_upper() -> None:
    names = [(c, NAMES[c]) for c in "abc"]
    form = AhpForm({"note": "比", "m_0_1": "2", "m_0_2": "1/3", "m_1_2": "1"}, names=names)
    assert form.is_valid()
    assert form.matrix().splitlines() == ["1 2 1/3", "1/2 1 1", "3 1 1"]
    even = AhpForm({"note": "比", "m_0_1": "2", "m_0_2": "6", "m_1_2": "3"}, names=names)
    assert even.is_valid()
    assert list(ahp_of(even.matrix(), ["甲", "乙", "丙"]).weights) == pytest.approx([60, 30, 10])
    assert [inverse(x) for x in ("3", "1/3", "1")] == ["1/3", "3", "1"]
