"""The syntax tree of a condition (条件语法树): frozen nodes that know where they stood in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

Key = str | int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, `true`, `false` or `null` (常量)."""

    value: int | float | str | bool | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, such as `500ms`, `30d` or `10GB` (带单位的数)."""

    amount: int | float
    unit: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A fact and the way into it, such as `body.items[0].name` (取值路径)."""

    root: str
    keys: tuple[Key, ...] = ()
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """Values in square brackets (列表)."""

    items: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language applied to values (函数)."""

    name: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a number (取负)."""

    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+`, `-`, `*` or `/` of two numbers (四则运算)."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values set against each other: `==`, `<`, `contains`, `matches` and the like (比较)."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a judgement (否定)."""

    operand: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Both:
    """All parts must hold: `and` (且)."""

    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Either:
    """One part must hold: `or` (或)."""

    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False)


Node = Literal | Quantity | Path | Listing | Call | Negative | Arithmetic | Comparison | Not | Both | Either


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside `node`, from left to right."""
    match node:
        case Listing(items=inside) | Call(arguments=inside) | Both(parts=inside) | Either(parts=inside):
            return inside
        case Negative(operand=operand) | Not(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case _:
            return ()
