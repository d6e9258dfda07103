"""Attributes fit their schema or the misfit is named in Chinese."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.platform.assets.rules import Field, check_fields, read_fields, shown, validate
from taxops.platform.assets.rules.schema import FieldKind

PORT = Field("port", "端口", "integer", min=1, max=65535)


@pytest.mark.parametrize(
    ("field", "value", "clean"),
    [
        (PORT, "8080", 8080),
        (PORT, " 8,080 ", 8080),
        (PORT, 8080.0, 8080),
        (Field("n", "数", "number", unit="W"), "1.5", 1.5),
        (Field("d", "日期", "date"), "2026/6/1", "2026-06-01"),
        (Field("b", "虚拟机", "yes_no"), "否", False),
        (Field("c", "方向", "choice", choices=("提供", "调用")), "调用", "调用"),
        (Field("i", "地址", "ip"), "2001:0db8::0001", "2001:db8::1"),
        (Field("u", "网址", "url"), "https://ops.example.test/x", "https://ops.example.test/x"),
        (Field("l", "说明", "long"), "一\n二", "一\n二"),
    ],
)
def test_a_fitting_value_is_kept_in_one_form(field: Field, value: Any, clean: Any) -> None:
    assert validate([field], {field.name: value}) == ({field.name: clean}, {})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (PORT, "0", "不能小于 1"),
        (PORT, "65536", "不能大于 65535"),
        (PORT, "80.5", "不是整数"),
        (PORT, "八十", "不是数字"),
        (PORT, "nan", "不是数字"),
        (PORT, "1e999", "不是数字"),
        (PORT, True, "不是数字"),
        (Field("d", "日期", "date"), "2026-02-30", "不是日期"),
        (Field("d", "日期", "date"), "昨天", "不是日期"),
        (Field("b", "虚拟机", "yes_no"), "也许", "是”或“否"),
        (Field("c", "方向", "choice", choices=("提供", "调用")), "反向", "可选：提供、调用"),
        (Field("i", "地址", "ip"), "10.0.0.256", "不是 IP 地址"),
        (Field("u", "网址", "url"), "javascript:alert(1)", "不是网址"),
        (Field("u", "网址", "url"), "http://[", "不是网址"),
        (Field("t", "名", "text"), "x" * 201, "超过 200"),
        (Field("t", "名", "text"), "a\x00b", "不能显示"),
        (Field("t", "名", "text", required=True), "  ", "请填写「名」"),
    ],
)
def test_a_misfit_is_named(field: Field, value: Any, words: str) -> None:
    clean, wrong = validate([field], {field.name: value})
    assert clean == {}
    assert words in wrong[field.name]


def test_an_unknown_attribute_is_refused_and_an_empty_one_left_out() -> None:
    assert validate([PORT], {"port": "", "colour": "red"}) == (
        {},
        {"colour": "资产类型没有名为「colour」的属性。"},
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([Field("Port", "端口")], "代码不正确"),
        ([Field("a", " ")], "没有名称"),
        ([Field("a", "甲"), Field("a", "乙")], "不止一次"),
        ([Field("a", "甲"), Field("b", "甲")], "不止一次"),
        ([Field("a", "甲", "colour")], "不存在"),
        ([Field("a", "甲", "choice")], "没有选项"),
        ([Field("a", "甲", "number", min=2, max=1)], "下限大于上限"),
        ([Field("a", "名称")], "固定栏目"),
        ([Field(f"a{n}", f"甲{n}") for n in range(61)], "最多 60"),
    ],
)
def test_fields_that_make_no_schema_are_refused(fields: list[Field], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_fields(fields)


@given(
    st.sampled_from(list(FieldKind)),
    st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans()),
)
def test_what_is_clean_stays_clean(kind: FieldKind, value: Any) -> None:
    field = Field("x", "某项", kind.value, choices=("甲", "乙"))
    clean, wrong = validate([field], {"x": value})
    assert not (clean and wrong)
    again, wrong_again = validate([field], clean)
    assert (again, wrong_again) == (clean, {})
    assert isinstance(shown(field, clean.get("x")), str)


def test_a_schema_survives_being_kept() -> None:
    fields = [PORT, Field("c", "方向", "choice", True, ("提供",)), Field("m", "内存", "integer", unit="GB")]
    assert read_fields([field.as_dict() for field in fields]) == fields
