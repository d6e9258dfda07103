"""Definitions read as written; kinds imply what they imply; wrong keys are named."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.indicators import Agg, IndicatorKind, parse_definition, parse_definitions

from .shapes import bent


def test_a_definition_reads_as_written() -> None:
    d = parse_definition(bent(params={"grace": {"value": 30, "source": "征管法三十二"}, "k": 2}))
    assert (d.code, d.version, d.kind, d.min_den) == ("C101", 3, IndicatorKind.RATIO, 30)
    assert d.num is not None
    assert d.den is not None
    assert (d.num.source, d.num.time, d.num.agg) == ("oblig", "due", Agg.COUNT)
    assert d.num.filter == d.den.filter != ""
    assert d.params["grace"].source == "征管法三十二"


def test_a_measure_of_another_table_has_neither_time_nor_filter_of_the_first() -> None:
    d = parse_definition(
        bent(den={"source": "payment", "time": "paid_on", "agg": "sum", "of": "amount"}, dims=None)
    )
    assert d.den is not None
    assert (d.den.filter, d.den.time) == ("", "paid_on")


def test_kinds_imply_their_denominators() -> None:
    refund = {
        "source": "refund",
        "time": "done_on",
        "filter": None,
        "dims": None,
        "drill": None,
        "checks": None,
    }
    days = parse_definition(
        bent(
            kind="days",
            unit="days",
            num={"agg": "sum", "of": "days_between(applied_on, done_on)"},
            den=None,
            **refund,
        )
    )
    assert days.den is not None
    assert days.den.agg is Agg.COUNT
    assert days.den.where == "((days_between(applied_on, done_on)) is not null)"
    share = parse_definition(bent(kind="share", den=None))
    assert share.den is not None
    assert share.den.where == ""
    assert parse_definition(bent(unit="per_10k")).scale == 10_000


def test_hashes_tell_formula_from_presentation() -> None:
    base = parse_definition(bent())
    target, where = (
        parse_definition(bent(targets={"goal": 0.5})),
        parse_definition(bent(num={"where": "filed_on < due"})),
    )
    assert target.content_hash != base.content_hash
    assert target.formula_hash == base.formula_hash
    assert where.formula_hash != base.formula_hash
    assert (
        parse_definition(bent(tests=[{"fixture": "x", "org": "1", "period": "2025-01"}])).content_hash
        == base.content_hash
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "中文 x;"}, "代码"),
        ({"numm": {}}, "不认识「numm」.*num"),
        ({"num": {"wher": "x"}}, "不认识「wher」.*where"),
        ({"kind": "ratios"}, "「ratios」不可用"),
        ({"kind": None}, "kind：没有填写"),
        ({"name": ""}, "name"),
        ({"version": 0}, "不小于 1"),
        ({"version": True}, "整数"),
        ({"targets": {"goal": "高"}}, "应是数"),
        ({"targets": {"gaol": 1}}, "gaol"),
        ({"dims": "tax"}, "列表"),
        ({"num": 3}, "应是一张表"),
        ({"checks": {}}, "表的列表"),
        ({"params": {"a": [1]}}, "参数值"),
        ({"modes": ["all"]}, "不可用"),
        ({"small_sample": {"min_den": 3, "action": "hide"}}, "flag"),
        ({"num": {"per": 0}}, "per"),
    ],
)
def test_wrong_keys_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_definition(bent(**changes))


def test_files() -> None:
    text = '[[indicator]]\ncode = "A"\nname = "甲"\nkind = "simple"\nsource = "tp"\nnum = {}\n'
    assert [d.code for d in parse_definitions(text)] == ["A"]
    with pytest.raises(BadInput, match="TOML"):
        parse_definitions("a = ")
    with pytest.raises(BadInput, match="不认识「indicators」"):
        parse_definitions("[[indicators]]\ncode='x'")
    with pytest.raises(BadInput, match="应是一张表"):
        parse_definition([])  # type: ignore[arg-type]
