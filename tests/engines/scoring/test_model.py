"""A model that cannot be is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import parse_model

from .models import GOLDEN


def _changed(*path: Any, to: Any) -> dict[str, Any]:
    data = copy.deepcopy(GOLDEN)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return data


@pytest.mark.parametrize(
    ("_case", "data", "said"),
    [
        ("no name", _changed("model", to=""), "名称"),
        ("aspects 90", _changed("tree", "征", "w", to=20), "合计为 90"),
        ("items 110", _changed("tree", "征", "items", "a", "w", to=60), "合计为 110"),
        ("no items", _changed("tree", "服", "items", to={}), "没有指标"),
        (
            "code twice",
            _changed("tree", "服", "items", to={"a": {"w": 100, "norm": {"target": 1}}}),
            "出现两次",
        ),
        ("unknown normaliser", _changed("tree", "征", "items", "a", "norm", to={"zscore": 1}), "不存在"),
        (
            "two normalisers",
            _changed("tree", "征", "items", "a", "norm", to={"target": 1, "range": 1}),
            "只有一种",
        ),
        (
            "equal goalposts",
            _changed("tree", "征", "items", "a", "norm", to={"goalposts": [9, 9]}),
            "不能相等",
        ),
        ("target 0", _changed("tree", "征", "items", "a", "norm", to={"target": 0}), "大于 0"),
        (
            "bands backward",
            _changed("tree", "征", "items", "a", "norm", to={"bands": [[5, 1], [1, 9]]}),
            "由小到大",
        ),
        ("range backward", _changed("tree", "征", "items", "a", "norm", to={"range": [5, 1, 1]}), "适度区间"),
        ("grades backward", {**GOLDEN, "grades": {"A": 60, "B": 80, "C": 0}}, "由高到低"),
        ("nothing at the bottom", {**GOLDEN, "grades": {"A": 90, "B": 50}}, "最低一级"),
        ("share over one", {**GOLDEN, "missing": {"min_weight": 7}}, "0 到 1"),
    ],
)
def test_refused(_case: str, data: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_model(data)
