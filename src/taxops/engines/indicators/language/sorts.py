"""Sorts of values (值的类型) of the language and which of them go together."""

from __future__ import annotations

Sorted = str
INT: Sorted = "int"
FEN: Sorted = "fen"
FLOAT: Sorted = "float"
TEXT: Sorted = "text"
BOOL: Sorted = "bool"
DATE: Sorted = "date"
DATETIME: Sorted = "datetime"
NULL: Sorted = "null"
NUMBER: Sorted = "number"

NUMBERS = frozenset({INT, FEN, FLOAT})
TITLES = {
    INT: "整数", FEN: "金额", FLOAT: "小数", TEXT: "文字", BOOL: "是否",
    DATE: "日期", DATETIME: "时间", NULL: "空值", NUMBER: "数",
}  # fmt: skip


def fits(given: Sorted, wanted: Sorted) -> bool:
    """Test whether a value of sort `given` may stand where `wanted` is expected."""
    if given in (NULL, wanted):
        return True
    if wanted == NUMBER:
        return given in NUMBERS
    return wanted == FLOAT and given in NUMBERS


def common(a: Sorted, b: Sorted) -> Sorted | None:
    """Return the sort that both fit, or None when they do not go together."""
    if a == b or b == NULL:
        return a
    if a == NULL:
        return b
    if a in NUMBERS and b in NUMBERS:
        return FLOAT if FLOAT in (a, b) else FEN
    return None


def arithmetic(operator: str, a: Sorted, b: Sorted) -> Sorted:
    """Return the sort of `a operator b` of two numbers: a quotient is always float, money times money never."""
    if operator == "/" or FLOAT in (a, b):
        return FLOAT
    return FEN if FEN in (a, b) else INT
