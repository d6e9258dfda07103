"""A tree back to text (还原文本): canonical spelling, no bracket that is not needed."""

from __future__ import annotations

import re

from .grammar import AND, COMPARE, NOT, OR, PRODUCT, SIGN, SUM
from .nodes import (
    Arithmetic,
    Both,
    Call,
    Comparison,
    Either,
    Listing,
    Literal,
    Negative,
    Node,
    Not,
    Path,
    Quantity,
)

_PLAIN = re.compile(r"[^\W\d]\w*\Z")


def render(node: Node) -> str:
    """Return the canonical text of a tree; parsing it gives the same tree.

    >>> from .grammar import parse
    >>> render(parse("status==200 且 （a or b）"))
    'status == 200 and (a or b)'
    """
    return _render(node, 0)


def _render(node: Node, power: int) -> str:
    text, own = _spell(node)
    return f"({text})" if own < power else text


def _spell(node: Node) -> tuple[str, int]:
    atom = SIGN + 1
    match node:
        case Literal(value=value):
            return spell_value(value), atom
        case Quantity(amount=amount, unit=unit):
            return f"{amount!r}{unit}", atom
        case Path():
            return spell_path(node), atom
        case Listing(items=items):
            return "[" + ", ".join(_render(item, 0) for item in items) + "]", atom
        case Call(name=name, arguments=arguments):
            return f"{name}(" + ", ".join(_render(item, 0) for item in arguments) + ")", atom
        case Negative(operand=operand):
            return f"-{_render(operand, SIGN)}", SIGN
        case Arithmetic(operator=operator, left=left, right=right):
            own = SUM if operator in "+-" else PRODUCT
            return f"{_render(left, own)} {operator} {_render(right, own + 1)}", own
        case Comparison(operator=operator, left=left, right=right):
            return f"{_render(left, COMPARE + 1)} {operator} {_render(right, COMPARE + 1)}", COMPARE
        case Not(operand=operand):
            return f"not {_render(operand, NOT)}", NOT
        case Both(parts=parts):
            return " and ".join(_render(part, AND + 1) for part in parts), AND
        case Either(parts=parts):
            return " or ".join(_render(part, OR + 1) for part in parts), OR
    raise TypeError(node)


def spell_path(path: Path) -> str:
    """Return a path as it is written, for example `body.items[0].name` or `header["server"]`."""
    return path.root + "".join(
        f".{key}" if isinstance(key, str) and _PLAIN.match(key) else f"[{spell_value(key)}]"
        for key in path.keys
    )


def spell_value(value: object) -> str:
    """Return a constant as it is written in a condition."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'
    return repr(value)
