"""How two values are compared and calculated (比较与运算); shared by the compiled form and the explanation.

Every function answers a value or MISSING; none raises on any fact a probe may deliver.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from .functions import MISSING, NUMBERS
from .nodes import Key

Truth = Any
"""True, False or MISSING."""

CASELESS_ROOTS = frozenset({"header", "headers"})
"""Facts whose names inside do not distinguish capitals."""


def follow(value: Any, keys: tuple[Key, ...], *, caseless: bool = False) -> Any:
    """Return what lies at the end of `keys` inside `value`, or MISSING."""
    for key in keys:
        if isinstance(value, Mapping):
            if key in value:
                value = value[key]
            elif caseless and isinstance(key, str):
                wanted = key.lower()
                value = next((v for k, v in value.items() if str(k).lower() == wanted), MISSING)
            else:
                return MISSING
        elif isinstance(key, int) and isinstance(value, list | tuple) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return MISSING
    return value


def same(left: Any, right: Any) -> Truth:
    """Test whether two values are equal; `true` is not 1, "0" is not 0."""
    if left is MISSING or right is MISSING:
        return MISSING
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    try:
        return bool(left == right)
    except (TypeError, ValueError, ArithmeticError):  # exotic values of database drivers
        return False


def differs(left: Any, right: Any) -> Truth:
    """Test whether two values are not equal."""
    equal = same(left, right)
    return MISSING if equal is MISSING else not equal


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Truth]:
    def judge(left: Any, right: Any) -> Truth:
        a, b = type(left), type(right)
        is_comparable = (
            (a in NUMBERS and b in NUMBERS)
            or (a is str and b is str)
            or (isinstance(left, datetime) and isinstance(right, datetime))
        )
        if not is_comparable:
            return MISSING
        try:
            return bool(compare(left, right))
        except (TypeError, ArithmeticError):  # naive against aware times, signalling NaN
            return MISSING

    return judge


def contains(left: Any, right: Any) -> Truth:
    """Test whether a text holds a text, a list an item, an object a name."""
    if right is MISSING:
        return MISSING
    if isinstance(left, str):
        return right in left if isinstance(right, str) else MISSING
    if isinstance(left, Mapping):
        return right in left if isinstance(right, str) else MISSING
    if isinstance(left, list | tuple):
        return any(same(item, right) is True for item in left)
    return MISSING


def is_in(left: Any, right: Any) -> Truth:
    """Test whether the left value is contained in the right one."""
    return contains(right, left)


def starts(left: Any, right: Any) -> Truth:
    """Test whether a text begins with another."""
    return left.startswith(right) if isinstance(left, str) and isinstance(right, str) else MISSING


def ends(left: Any, right: Any) -> Truth:
    """Test whether a text ends with another."""
    return left.endswith(right) if isinstance(left, str) and isinstance(right, str) else MISSING


COMPARE: dict[str, Callable[[Any, Any], Truth]] = {
    "==": same,
    "!=": differs,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "contains": contains,
    "in": is_in,
    "startswith": starts,
    "endswith": ends,
}
"""Comparisons by sign; `matches` is compiled apart, for its pattern is prepared once."""

_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def calculate(sign: str, left: Any, right: Any) -> Any:
    """Return the result of `+ - * /` on two numbers; MISSING when there is none (division by zero)."""
    if type(left) not in NUMBERS or type(right) not in NUMBERS:
        return MISSING
    try:
        if type(left) is not type(right):  # Decimal and float do not mix
            left = float(left) if isinstance(left, Decimal) else left
            right = float(right) if isinstance(right, Decimal) else right
        return _CALCULATE[sign](left, right)
    except (ArithmeticError, ValueError):
        return MISSING


def negate(value: Any) -> Any:
    """Return minus a number, or MISSING."""
    return calculate("-", 0, value)


def sort_of(value: Any) -> str:
    """Return the Chinese word for the type of a value."""
    if value is None:
        return "空值"
    if isinstance(value, bool):
        return "真假值"
    for types, word in (
        ((int, float, Decimal), "数"),
        (str, "文字"),
        (datetime, "时间"),
        (Mapping, "对象"),
        (Sequence, "列表"),
    ):
        if isinstance(value, types):
            return word
    return type(value).__name__
