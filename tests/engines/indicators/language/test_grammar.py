"""The parser: precedence, and every complaint points at line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.indicators.language import BadExpression, Literal, Name, Node, Param, parse
from taxops.engines.indicators.language.nodes import Between, Binary, Call, Exists, IsNull, Member, Unary


def show(node: Node) -> str:
    """Return a tree with every bracket written."""
    match node:
        case Literal(value=v):
            return repr(v)
        case Name(owner=o, name=n):
            return f"{o}.{n}" if o else n
        case Param(name=n):
            return f"${n}"
        case Unary(operator=op, operand=x):
            return f"({op} {show(x)})"
        case Binary(operator=op, left=a, right=b):
            return f"({show(a)} {op} {show(b)})"
        case Member(operand=x, items=items, negated=n):
            return f"({show(x)} {'not ' if n else ''}in ({', '.join(map(show, items))}))"
        case Between(operand=x, low=a, high=b, negated=n):
            return f"({show(x)} {'not ' if n else ''}between {show(a)} and {show(b)})"
        case IsNull(operand=x, negated=n):
            return f"({show(x)} is {'not ' if n else ''}null)"
        case Call(name=n, arguments=args):
            return f"{n}({', '.join(map(show, args))})"
        case Exists(table=t, where=w):
            return f"exists({t} where {show(w)})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and not c == 1", "(a or (b and (not (c == 1))))"),
        ("a - b - c * -d / 2", "((a - b) - ((c * (- d)) / 2))"),
        ("(a - (b - c)) >= 0.5", "((a - (b - c)) >= 0.5)"),
        ("a not in ('x', \"y\") and b in [1,2]", "((a not in ('x', 'y')) and (b in (1, 2)))"),
        ("a between 1 and 2 + 3 and b", "((a between 1 and (2 + 3)) and b)"),
        ("a not between $lo and $hi", "(a not between $lo and $hi)"),
        ("tp.kind is not null or x is null", "((tp.kind is not null) or (x is null))"),
        ("case(a > 1, 2,\n  0) # 说明", "case((a > 1), 2, 0)"),
        ("exists(hit where tp_id == this.tp_id and tier == 'high')",
         "exists(hit where ((tp_id == this.tp_id) and (tier == 'high')))"),
        ("NOT true", "(not True)"),
    ],
)  # fmt: skip
def test_trees(text: str, tree: str) -> None:
    assert show(parse(text)) == tree
    assert show(parse(tree.replace("True", "true").replace("None", "null"))) == tree


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "空的"),
        ("a <=", 1, 5, "不完整"),
        ("a = 1", 1, 3, "不应是「=」"),
        ("a\n  and b c", 2, 9, "不应是「c」"),
        ("a ＝ 1", 1, 3, "全角"),
        ("a == 'x", 1, 6, "引号"),
        ("a < b < c", 1, 7, "连着写"),
        ("a in b", 1, 6, "列表"),
        ("a not 1", 1, 7, "in 或 between"),
        ("f(a, b", 1, 7, "应是「[)]」"),
        ("a is 1", 1, 6, "应是「null」"),
        ("a between 1", 1, 12, "应是「and」"),
        ("exists(1 where a)", 1, 8, "表名"),
        ("exists(t a)", 1, 10, "应是「where」"),
        ("a. == 1", 1, 4, "列名"),
        ("a ; b", 1, 3, "看不懂「;」"),
        ("99999999999999999999", 1, 1, "太大"),
        ("(" * 60 + "a", 1, 41, "最多套"),
        ("a" * 5000, 1, 4001, "超过"),
    ],
)
def test_complaints_point(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(BadExpression, match=message) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.pointing().endswith("^")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab1 ()<=>!.'\"$,+-*/[]\n andornotinisnull（", max_size=40))
def test_any_text_parses_or_complains(text: str) -> None:
    try:
        tree = parse(text)
    except BadInput:
        return
    assert show(tree)
