"""The tree of an expression (语法树). Every node knows the offset it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

Value = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, true, false or null (常量)."""

    value: Value
    at: int


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the definition, `$name` (参数)."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A column or, with an owner, `tp.vat_kind`, `this.due`, `period.start` (列名)."""

    owner: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x` (一元运算)."""

    operator: str
    operand: Node
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison, `and`, `or` (二元运算)."""

    operator: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Member:
    """`x in (…)`, negated or not (属于)."""

    operand: Node
    items: tuple[Node, ...]
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Between:
    """`x between a and b`, both ends included (介于)."""

    operand: Node
    low: Node
    high: Node
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class IsNull:
    """`x is null`, negated or not (为空)."""

    operand: Node
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language with its arguments (函数)."""

    name: str
    arguments: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Exists:
    """`exists(table where …)`; inside, `this.x` is the row outside (存在)."""

    table: str
    where: Node
    at: int


Node = Union[Literal, Param, Name, Unary, Binary, Member, Between, IsNull, Call, Exists]  # noqa: UP007


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node."""
    match node:
        case Unary(operand=x) | IsNull(operand=x):
            return (x,)
        case Binary(left=a, right=b):
            return (a, b)
        case Member(operand=x, items=items):
            return (x, *items)
        case Between(operand=x, low=a, high=b):
            return (x, a, b)
        case Call(arguments=arguments):
            return arguments
        case Exists(where=where):
            return (where,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything in it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)
