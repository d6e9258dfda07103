"""A plan that cannot be is refused, with its place."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.alerts import parse_plan
from taxops.engines.base import BadInput

OK = {"receivers": ["on_duty"]}


@pytest.mark.parametrize(
    ("_case", "data", "said"),
    [
        ("nothing", {}, "没有根路由"),
        ("nobody told", {"route": {}}, "没有接收人"),
        ("root that refuses", {"route": {**OK, "match": ["a=b"]}}, "根路由不能有匹配"),
        ("unknown item", {"route": {**OK, "group_wait": 5}}, "不认识的项：group_wait"),
        ("negative wait", {"route": {**OK, "wait_s": -1}}, "wait_s"),
        ("text for a number", {"route": {**OK, "repeat_s": "1h"}}, "repeat_s"),
        ("name twice", {"route": {**OK, "routes": [{"name": "甲"}, {"name": "甲"}]}}, "重复"),
        (
            "steps not growing",
            {"route": {**OK, "steps": [{"after_s": 9, "receivers": ["x"]}] * 2}},
            "逐级增大",
        ),
        ("step to nobody", {"route": {**OK, "steps": [{"after_s": 9}]}}, "升级没有接收人"),
        ("inhibition without target", {"route": OK, "inhibit": [{"source": ["a=b"]}]}, "source 和 target"),
    ],
)
def test_refused(_case: str, data: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_plan(data)


def test_children_inherit_what_they_do_not_say() -> None:
    plan = parse_plan(
        {"route": {**OK, "wait_s": 7, "routes": [{"name": "子", "match": ["a=b"], "repeat_s": 60}]}}
    )
    child = plan.routes["子"]
    assert (child.receivers, child.wait_s, child.repeat_s) == (("on_duty",), 7, 60)
