"""Reading conditions: precedence, round trips, and complaints that name the column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.checks import BadCondition, compile_condition
from taxops.engines.checks.conditions import parse, render
from taxops.engines.checks.conditions.nodes import Node

from .strategies import snippets, trees


@given(trees)
def test_a_tree_survives_rendering_and_parsing(tree: Node) -> None:
    text = render(tree)
    if len(text) < 900:
        assert parse(text) == tree
        assert render(parse(text)) == text


@given(st.text() | snippets)
def test_any_text_is_a_condition_or_bad_input(text: str) -> None:
    try:
        condition = compile_condition(text)
    except BadInput as error:
        assert isinstance(error, BadCondition)
        assert error.what.startswith("条件第 ")
        assert 1 <= error.column <= len(text) + 1
        assert error.excerpt.endswith("^")
        return
    assert parse(condition.render()) == condition.tree


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("((a)) and ((b) and c)", "a and b and c"),
        ("not a and b", "not a and b"),
        ("not (a and b)", "not (a and b)"),
        ("a - (b - c) > 0", "a - (b - c) > 0"),
        ("(a - b) - c > 0", "a - b - c > 0"),
        ("-(a + b) * c > 0", "-(a + b) * c > 0"),
        ("a not in [1,2]", "not a in [1, 2]"),
        ("a == 'it'", 'a == "it"'),
        (r'a matches "\d+\"x"', r'a matches "\\d+\"x"'),
        ("a>1 且 b<2 或 c", "a > 1 and b < 2 or c"),
        ('body["x"].y[0]', "body.x.y[0]"),
        ('matches == 0 and x matches "a"', 'matches == 0 and x matches "a"'),
        ("in in contains", "in in contains"),
        ("a > 30 天", None),
        ("a > 30天", "a > 30d"),
        ("a > 1.5e3", "a > 1500.0"),
    ],
)
def test_text_is_read_by_precedence(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(BadCondition):
            parse(text)
    else:
        assert render(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "条件是空的"),
        ("   ", 1, "条件是空的"),
        ("status = 200", 8, "单个等号不是比较"),
        ("status && body", 8, "没有 && 这个写法"),
        ("!ok", 1, "没有 ! 这个写法"),
        ("status == 200 or 301", 18, "or 右边不是判断"),
        ("200 and a", 1, "and 左边不是判断"),
        ("status", None, ""),
        ("200", 1, "整个条件不是判断"),
        ("a + 1", 3, "整个条件不是判断"),
        ("(a", 1, "括号没有结束"),
        ("a)", 2, "这里不应是「)」"),
        ("a b", 3, "这里不应是「b」"),
        ("a ==", 5, "条件到这里没有写完"),
        ("a == == b", 6, "这里不应是「==」"),
        ('"abc', 1, "引号没有结束"),
        ("a < b < c", 7, "比较不能连着写"),
        ("a == b in c", 8, "比较不能连着写"),
        ("(a == b) == c", 10, "比较不能连着写"),
        ("a == (b and c)", 9, "判断不能再作比较"),
        ("a matches b", 11, "matches 右边要写明正则"),
        ('a matches "("', 11, "不是正确的正则"),
        ("a > 30x", 7, "不认识的单位「x」"),
        ("foo(1) > 1", 1, "没有函数 foo"),
        ("len() > 1", 1, "len 的用法是"),
        ("len(a, b) > 1", 1, "len 的用法是"),
        ("len(a == b) > 1", 7, "这里应是值"),
        ("exists(1)", 8, "exists 的括号里"),
        ("a[b] == 1", 3, "方括号里应是序号"),
        ("a[1.5] == 1", 3, "方括号里应是序号"),
        ("a. == 1", 4, "点的后面应是名称"),
        ("a.0 == 1", 3, "点的后面应是名称"),
        ("a > true", 5, "这个值不分大小"),
        ("a in 5", 6, "in 右边不能是数"),
        ('a + "x" == 1', 5, "加减乘除的两边应是数"),
        ("a == 1234567890123456789", 6, "这个数超过 18 位"),
        ("a > 95%", 7, "没有 % 这个写法"),
        ("a # b", 3, "不认识的字符「#」"),
        ("a == \x00", 6, "不认识的字符「U+0000」"),
        ("a>1且b<2", 4, "「且」的前后要留空格"),
        ("中文 == 1 and ！b", 13, "没有 ! 这个写法"),
    ],
)
def test_a_complaint_names_the_column(text: str, column: int | None, reason: str) -> None:
    if column is None:
        parse(text)
        return
    with pytest.raises(BadCondition) as caught:
        parse(text)
    assert (caught.value.column, reason in caught.value.what) == (column, True), str(caught.value)


def test_the_caret_stands_beneath_the_column() -> None:
    with pytest.raises(BadCondition) as caught:
        parse("中文 == 1 and ！b")
    line, caret = caught.value.excerpt.split("\n")
    assert line == "中文 == 1 and ！b"
    assert caret == "　　          ^"
    assert caught.value.as_dict()["column"] == 13


def test_a_long_condition_is_shown_around_the_mistake() -> None:
    text = " and ".join(["a == 1"] * 30) + " and = " + " and ".join(["b"] * 30)
    with pytest.raises(BadCondition) as caught:
        parse(text)
    line, caret = caught.value.excerpt.split("\n")
    assert line.startswith("…")
    assert line.endswith("…")
    assert line[len(caret) - 1] == "=" or "=" in line
    assert len(line) < 80


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "(" * 200 + "a" + ")" * 200,
        "not " * 200 + "a",
        "a == " + "-" * 500 + "1",
        "a == " + "abs(" * 100 + "1" + ")" * 100,
        "a in " + "[" * 400,
        " and ".join(["a"] * 190),
        "a == " + " + ".join(["1"] * 200),
        "a" * 1001,
        "a == '" + "x" * 2000 + "'",
    ],
)
def test_nothing_too_large_is_read(text: str) -> None:
    with pytest.raises(BadCondition, match=r"最多|超过"):
        compile_condition(text)
