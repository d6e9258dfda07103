"""Tree to ibis (编译): each node to the primitive that means the same on every engine."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from taxops.engines.base import later
from taxops.engines.warehouse import primitives as p

from .nodes import Between, Binary, Call, Exists, IsNull, Literal, Member, Name, Node, Param, Unary

if TYPE_CHECKING:
    import ibis
else:
    ibis = later("ibis")

Expr = Any


@dataclass(frozen=True, slots=True)
class Row:
    """What names stand for while one expression is compiled (行).

    Args:
        column: (owner, name) → expression; owner is empty for the row's own table, `this` for the row outside.
        params: values of `$name`.
        start: first day of the period.
        next: the day after it.
        last: its last day.
        nested: expressions of `status_at` and `exists` nodes, which need joins made beforehand, by node.
    """

    column: Callable[[str, str], Expr]
    params: Mapping[str, Any]
    start: date
    next: date
    last: date
    nested: Mapping[Node, Expr] = field(default_factory=dict)


def compile_node(node: Node, row: Row) -> Expr:
    """Return the ibis expression of a checked tree."""
    if node in row.nested:
        return row.nested[node]
    match node:
        case Literal() | Param() | Name():
            return _leaf(node, row)
        case Unary(operator=sign, operand=x):
            return ~compile_node(x, row) if sign == "not" else -compile_node(x, row)
        case Binary():
            return _binary(node, row)
        case Member(operand=x, items=items, negated=negated):
            found = compile_node(x, row).isin([_plain(i, row) for i in items])
        case Between(operand=x, low=a, high=b, negated=negated):
            found = compile_node(x, row).between(compile_node(a, row), compile_node(b, row))
        case IsNull(operand=x, negated=negated):
            found = compile_node(x, row).isnull()
        case Call():
            return _call(node, row)
        case Exists():
            raise AssertionError("exists is joined before it is compiled")
    return ~found if negated else found


def _leaf(node: Literal | Param | Name, row: Row) -> Expr:
    match node:
        case Literal(value=value):
            return ibis.null() if value is None else ibis.literal(value)
        case Param(name=name):
            return ibis.literal(row.params[name])
        case Name(owner="period", name=name):
            return _day({"start": row.start, "next": row.next, "last": row.last}[name])
        case _:
            return row.column(node.owner, node.name)


def _day(day: date) -> Expr:
    return ibis.date(day.year, day.month, day.day)


def _plain(node: Node, row: Row) -> Any:
    if isinstance(node, Param):
        return row.params[node.name]
    assert isinstance(node, Literal)
    return node.value


def _binary(node: Binary, row: Row) -> Expr:
    a, b = compile_node(node.left, row), compile_node(node.right, row)
    return p.ratio(a, b) if node.operator == "/" else _OPERATORS[node.operator](a, b)


_OPERATORS: dict[str, Callable[[Expr, Expr], Expr]] = {
    "and": operator.and_, "or": operator.or_, "+": operator.add, "-": operator.sub, "*": operator.mul,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

_PLAIN: dict[str, Callable[..., Expr]] = {
    "abs": lambda x: x.abs(),
    "length": p.characters,
    "starts_with": lambda text, start: text.startswith(start),
    "date_of": p.date_of,
    "month_of": p.month_of,
    "quarter_of": p.quarter_of,
    "year_of": lambda day: day.year().cast("int64"),
    "months_between": p.months_between,
    "days_between": p.days_between,
    "seconds_between": p.seconds_between,
    "minutes_between": p.minutes_between,
    "add_days": lambda day, n: p.add_days(day, n.cast("int64")),
    "add_months": lambda day, n: p.add_months(day, n.cast("int64")),
    "overlap": p.overlap,
    "least": lambda *values: p.least(list(values)),
    "greatest": lambda *values: p.greatest(list(values)),
    "coalesce": lambda *values: ibis.coalesce(*values),  # noqa: PLW0108  # ibis is loaded when called
}


def _call(node: Call, row: Row) -> Expr:
    if node.name == "date":
        assert isinstance(node.arguments[0], Literal)
        return _day(date.fromisoformat(str(node.arguments[0].value)))
    if node.name == "round_up":
        digits = _plain(node.arguments[1], row)
        return p.round_half_up(compile_node(node.arguments[0], row), int(digits))
    given = [compile_node(a, row) for a in node.arguments]
    if node.name == "case":
        pairs = list(zip(given[:-1:2], given[1:-1:2], strict=True))
        return ibis.cases(*pairs, else_=given[-1])
    return _PLAIN[node.name](*given)
