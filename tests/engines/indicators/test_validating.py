"""A definition that is not whole is refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.indicators import parse_definition

from .shapes import bent

BARE: dict[str, Any] = dict.fromkeys(
    ("num", "den", "source", "time", "filter", "dims", "drill", "checks", "small_sample")
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": "simple", "den": None},
        {**BARE, "kind": "derived", "of": {"a": "X1", "b": "X2"}, "expr": {"num": "a.num - b.num", "den": "b.num"}},
        {**BARE, "kind": "rule", "of": {"a": "X1"}, "expr": {"rule": "a > 0.5 and prev(a, 1) < 0.1"}},
        {**BARE, "kind": "cumulative", "of": {"a": "X1"}, "months": 12},
        {**BARE, "kind": "offset", "of": {"a": "X1"}, "back": 12},
        {**BARE, "kind": "external", "dataset": "总局", "item": "C101"},
        {**BARE, "kind": "ratio", "num": {"source": "tp", "where": "status == 'abnormal'"}, "den": {"source": "tp"}},
        {**BARE, "kind": "median", "num": {"source": "hit", "time": "hit_on", "agg": "median",
                                           "of": "days_between(first_inv_on, blocked_on)"}},
    ],
)  # fmt: skip
def test_whole_definitions(changes: dict[str, Any]) -> None:
    assert parse_definition(bent(**changes)).code == "C101"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num": {"where": "file_on <= due"}}, r"C101 的 num.where：第 1 行第 1 列.*filed_on"),
        ({"filter": "due"}, "filter：.*应是是否"),
        ({"num": None}, "没有分子"),
        ({"den": None}, "没有分母"),
        ({"time": None}, "扫描申报义务的全部数据"),
        ({"time": "tax"}, "不是日期列"),
        ({"source": "nowhere"}, "没有「nowhere」"),
        ({"source": None}, "没有写明取数的表"),
        ({"subject": "person"}, "没有自然人"),
        ({"num": {"of": "tax"}}, "计数不写 of"),
        ({"num": {"agg": "sum"}}, "对什么汇总"),
        ({"num": {"agg": "nunique", "of": "tp_id", "per": 2}}, "per"),
        ({"num": {"agg": "max", "of": "due", "window": 3}}, "跨月"),
        ({"num": {"at": "last"}}, "月末余额表"),
        ({"dims": ["colour"]}, "dims"),
        ({"dims": ["tp.colour"]}, "dims"),
        ({"drill": ["colour"]}, "drill"),
        ({"checks": [{"nulls": {"colour": 1}}]}, "没有「colour」"),
        ({"checks": [{"moon": 1}]}, "不认识「moon」"),
        ({"kind": "median"}, "median"),
        ({"kind": "derived"}, "不写分子分母"),
        ({**BARE, "kind": "derived"}, "引用哪些指标"),
        ({**BARE, "kind": "derived", "of": {"a": "X"}, "expr": {"den": "a"}}, "expr"),
        ({**BARE, "kind": "derived", "of": {"a": "X"}, "expr": {"num": "b"}}, "没有「b」"),
        ({**BARE, "kind": "offset", "of": {"a": "X"}}, "back"),
        ({**BARE, "kind": "cumulative", "of": {"a": "X", "b": "Y"}}, "只引用一个"),
        ({**BARE, "kind": "external"}, "dataset"),
        (
            {**BARE, "kind": "ratio", "num": {"source": "tp", "window": 3}, "den": {"source": "tp"}},
            "没有 time",
        ),
        ({**BARE, "kind": "ratio", "sql": "delete from inv"}, "只能是一条 SELECT"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_definition(bent(**changes))
