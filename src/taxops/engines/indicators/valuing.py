"""Values of derived indicators (派生取值): expressions over other indicators' numbers, exact and alike everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .language import Literal, Name, Node, Param, walk
from .language.nodes import Between, Binary, Call, Exists, IsNull, Member, Unary

Number = int | float
Cell = Number | bool | str | None


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its parts (数值): numerator, denominator, value; None where there is none."""

    num: Number | None = None
    den: Number | None = None
    value: float | int | None = None


Lookup = Callable[[str, str, int], "Value | None"]
"""(alias, which, n) → value; which is `now`, `prev` (n periods back) or `ytd`."""


def reads(tree: Node) -> set[tuple[str, str, int]]:
    """Return the (alias, which, n) that an expression reads."""
    found: set[tuple[str, str, int]] = set()
    inner: set[Node] = set()
    for node in walk(tree):
        if isinstance(node, Call) and node.name in {"prev", "ytd"}:
            first = node.arguments[0]
            assert isinstance(first, Name)
            inner.add(first)
            back = node.arguments[1] if node.name == "prev" else None
            found.add((first.name, node.name, int(str(back.value)) if isinstance(back, Literal) else 0))
    for node in walk(tree):
        if isinstance(node, Name) and node not in inner:
            found.add((node.owner or node.name, "now", 0))
    return found


def evaluate(node: Node, lookup: Lookup, params: dict[str, Cell]) -> Cell:
    """Return the value of a checked expression; None when anything it needs is missing or it divides by zero."""
    match node:
        case Literal(value=value):
            return value
        case Param(name=name):
            return params[name]
        case Name(owner=owner, name=name):
            found = lookup(owner or name, "now", 0)
            return None if found is None else getattr(found, name if owner else "value")
        case Unary(operator=sign, operand=x):
            inside = evaluate(x, lookup, params)
            if inside is None:
                return None
            return (not inside) if sign == "not" else -_number(inside)
        case Binary():
            return _binary(node, lookup, params)
        case Member(operand=x, items=items, negated=negated):
            inside = evaluate(x, lookup, params)
            return (
                None
                if inside is None
                else (inside in [evaluate(i, lookup, params) for i in items]) != negated
            )
        case Between(operand=x, low=a, high=b, negated=negated):
            low, inside, high = (evaluate(n, lookup, params) for n in (a, x, b))
            if low is None or inside is None or high is None:
                return None
            return (_number(low) <= _number(inside) <= _number(high)) != negated
        case IsNull(operand=x, negated=negated):
            return (evaluate(x, lookup, params) is None) != negated
        case _:
            return _call(node, lookup, params)


def _number(value: Cell) -> Number:
    assert isinstance(value, int | float)
    return value


def _binary(node: Binary, lookup: Lookup, params: dict[str, Cell]) -> Cell:
    a, b = evaluate(node.left, lookup, params), evaluate(node.right, lookup, params)
    if node.operator in {"and", "or"}:
        decisive = node.operator == "or"
        if a is decisive or b is decisive:
            return decisive
        return None if a is None or b is None else not decisive
    if a is None or b is None:
        return None
    if node.operator in _COMPARE:
        return _COMPARE[node.operator](a, b)
    return _arithmetic(node.operator, _number(a), _number(b))


_COMPARE: dict[str, Callable[[Cell, Cell], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: _number(a) < _number(b),
    "<=": lambda a, b: _number(a) <= _number(b),
    ">": lambda a, b: _number(a) > _number(b),
    ">=": lambda a, b: _number(a) >= _number(b),
}


def _arithmetic(operator: str, a: Number, b: Number) -> Number | None:
    if operator == "/":
        return a / b if b else None
    return a + b if operator == "+" else a - b if operator == "-" else a * b


def _call(node: Node, lookup: Lookup, params: dict[str, Cell]) -> Cell:
    assert isinstance(node, Call) and not isinstance(node, Exists)  # noqa: PT018 - one fact
    if node.name in {"prev", "ytd"}:
        first = node.arguments[0]
        assert isinstance(first, Name)
        back = node.arguments[1] if node.name == "prev" else None
        found = lookup(first.name, node.name, int(str(back.value)) if isinstance(back, Literal) else 0)
        return None if found is None else found.value
    given = [evaluate(a, lookup, params) for a in node.arguments]
    if node.name == "case":
        pairs = zip(given[:-1:2], given[1:-1:2], strict=True)
        return next((value for condition, value in pairs if condition is True), given[-1])
    if node.name == "coalesce":
        return next((g for g in given if g is not None), None)
    if node.name in {"least", "greatest"}:
        present = [_number(g) for g in given if g is not None]
        return None if not present else min(present) if node.name == "least" else max(present)
    if any(g is None for g in given):
        return None
    if node.name == "abs":
        return abs(_number(given[0]))
    power = 10 ** int(_number(given[1]))  # round_up: what remains of the functions over numbers
    number = float(_number(given[0]))
    return math.copysign(math.floor(abs(number) * power + 0.5 + 1e-9) / power, number)
