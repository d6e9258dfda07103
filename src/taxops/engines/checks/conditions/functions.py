"""The functions of the condition language (函数): each takes plain values and answers one or MISSING."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from taxops.engines.base import BadInput, parse_instant, to_millis


class Missing:
    """The type of MISSING (缺值)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()
"""A value that is not there or cannot be worked out; no judgement about it holds."""

NUMBERS = frozenset({int, float, Decimal})
"""Types that calculate; `bool` is not one of them."""


def length(value: Any) -> Any:
    """Return the number of characters or items."""
    return len(value) if isinstance(value, str | list | tuple | dict) else MISSING


def lower(value: Any) -> Any:
    """Return a text in small letters."""
    return value.lower() if isinstance(value, str) else MISSING


def upper(value: Any) -> Any:
    """Return a text in capitals."""
    return value.upper() if isinstance(value, str) else MISSING


def trim(value: Any) -> Any:
    """Return a text without surrounding white space."""
    return value.strip() if isinstance(value, str) else MISSING


def absolute(value: Any) -> Any:
    """Return the distance from zero."""
    if type(value) not in NUMBERS:
        return MISSING
    try:
        return abs(value)
    except ArithmeticError:  # a database's "not a number"
        return MISSING


def smallest(*values: Any) -> Any:
    """Return the smallest of the numbers, or of the numbers in one list."""
    return _pick(min, values)


def largest(*values: Any) -> Any:
    """Return the largest of the numbers, or of the numbers in one list."""
    return _pick(max, values)


def _pick(pick: Callable[[Sequence[Any]], Any], values: Sequence[Any]) -> Any:
    if len(values) == 1 and isinstance(values[0], list | tuple):
        values = values[0]
    if not values or not all(type(value) in NUMBERS for value in values):
        return MISSING
    try:
        return pick(values)
    except ArithmeticError:  # a database's "not a number" cannot be ranked
        return MISSING


def rounded(value: Any) -> Any:
    """Return the nearest whole number."""
    if type(value) not in NUMBERS:
        return MISSING
    try:
        return round(value)
    except (OverflowError, ValueError, InvalidOperation):  # infinite or not a number
        return MISSING


def number(value: Any) -> Any:
    """Return a text such as "12" or "3.5" as a number; numbers stay."""
    if type(value) in NUMBERS:
        return value
    if not isinstance(value, str) or len(value) > 40:
        return MISSING
    try:
        return int(value)
    except ValueError:
        pass  # not whole: the next line decides
    try:
        found = float(value)
    except ValueError:
        return MISSING
    return found if found == found and abs(found) != float("inf") else MISSING


def age(now_ms: Any, value: Any) -> Any:
    """Return seconds from an instant (datetime, ISO text or milliseconds since 1970) to `now_ms`."""
    if type(now_ms) not in NUMBERS:
        return MISSING
    try:
        if isinstance(value, str):
            value = to_millis(parse_instant(value))
        elif isinstance(value, datetime):
            value = to_millis(value)
    except (BadInput, ValueError, OverflowError):  # not a time, a naive one, or outside the calendar
        return MISSING
    return (float(now_ms) - float(value)) / 1000 if type(value) in NUMBERS else MISSING


@dataclass(frozen=True, slots=True)
class Function:
    """What may be called (函数说明): the callable, how many arguments, and what it answers."""

    call: Callable[..., Any]
    least: int
    most: int
    usage: str
    judges: bool = False


FUNCTIONS: dict[str, Function] = {
    "len": Function(length, 1, 1, "len(文字或列表)"),
    "lower": Function(lower, 1, 1, "lower(文字)"),
    "upper": Function(upper, 1, 1, "upper(文字)"),
    "trim": Function(trim, 1, 1, "trim(文字)"),
    "abs": Function(absolute, 1, 1, "abs(数)"),
    "min": Function(smallest, 1, 20, "min(数, 数…)"),
    "max": Function(largest, 1, 20, "max(数, 数…)"),
    "round": Function(rounded, 1, 1, "round(数)"),
    "number": Function(number, 1, 1, "number(文字)"),
    "age": Function(age, 1, 1, "age(时间)"),
    "exists": Function(lambda value: value is not MISSING, 1, 1, "exists(值)", judges=True),
}
"""Functions by name. `age` is given the fact `now_ms` first; `exists` is the only one that sees MISSING."""

CLOCK = "now_ms"
"""The fact that holds the instant of the execution, which `age` needs."""
