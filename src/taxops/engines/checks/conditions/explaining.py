"""Why a condition holds or not, in Chinese (条件说明): the slow, talkative twin of `compiling`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .compiling import judgement, shared_unit, value
from .functions import CLOCK, MISSING
from .judging import sort_of
from .limits import SHOWN
from .nodes import (
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
    children,
)
from .render import render, spell_path, spell_value

_ASKS = {
    "contains": ("包含", "不包含"),
    "in": ("属于", "不属于"),
    "matches": ("匹配", "不匹配"),
    "startswith": ("开头是", "开头不是"),
    "endswith": ("结尾是", "结尾不是"),
    "==": (" ==", " !="),
    "!=": (" !=", " =="),
    "<": (" <", " >="),
    "<=": (" <=", " >"),
    ">": (" >", " <="),
    ">=": (" >=", " <"),
}
"""How a comparison is demanded, and how its opposite."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement within a condition (判断明细).

    Args:
        text: the judgement as written.
        holds: whether it holds; None when it cannot be worked out.
        says: the values behind it, in Chinese.
    """

    text: str
    holds: bool | None
    says: str


def explain(node: Node, facts: Mapping[str, Any]) -> str:
    """Return one Chinese line: why the condition does not hold, or the values with which it does."""
    if judgement(node)(facts) is True:
        return "；".join(
            dict.fromkeys(_values(leaf, facts) for leaf in _leaves(node) if _is_true(leaf, facts))
        )
    return "；".join(dict.fromkeys(_reasons(node, facts, wanted=True)))


def trace(node: Node, facts: Mapping[str, Any]) -> tuple[Judgement, ...]:
    """Return every single judgement of the condition with its values, from left to right."""
    findings = []
    for leaf in _leaves(node):
        found = judgement(leaf)(facts)
        holds = None if found is MISSING else bool(found)
        says = _values(leaf, facts) if holds else "；".join(_reasons(leaf, facts, wanted=True))
        findings.append(Judgement(render(leaf), holds, says))
    return tuple(findings)


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, Both | Either | Not):
        for child in children(node):
            yield from _leaves(child)
    else:
        yield node


def _is_true(node: Node, facts: Mapping[str, Any]) -> bool:
    return judgement(node)(facts) is not MISSING


def _reasons(node: Node, facts: Mapping[str, Any], *, wanted: bool) -> Iterator[str]:
    """Yield what keeps `node` from being `wanted`."""
    if judgement(node)(facts) is wanted:
        return
    match node:
        case Not(operand=operand):
            yield from _reasons(operand, facts, wanted=not wanted)
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from _reasons(part, facts, wanted=wanted)
        case _:
            yield _reason(node, facts, wanted=wanted)


def _reason(node: Node, facts: Mapping[str, Any], *, wanted: bool) -> str:
    lacking = list(dict.fromkeys(_lacking(node, facts)))
    if lacking and not (isinstance(node, Call) and node.name == "exists"):
        return "；".join(lacking)
    if not isinstance(node, Comparison):
        found = value(node)(facts)
        if isinstance(node, Call):  # exists
            return f"{'没有' if wanted else '不应有'} {render(node.arguments[0])} 这个值"
        if not isinstance(found, bool):
            return f"{render(node)} 实际为 {show(found)}，是{sort_of(found)}，不是真假值"
        return f"{render(node)} 实际为 {show(found)}，要求 {spell_value(wanted)}"
    unit = shared_unit(node)
    left, right = value(node.left, unit)(facts), value(node.right, unit)(facts)
    if judgement(node)(facts) is MISSING:
        return _clash(node, left, right)
    hint = ""
    if node.operator == "==" and wanted and sort_of(left) != sort_of(right):
        hint = f"（实际是{sort_of(left)}，要求的是{sort_of(right)}）"
    return f"{_actual(node.left, left)}，要求{_asked(node, right, wanted=wanted)}{hint}"


def _clash(node: Comparison, left: Any, right: Any) -> str:
    for side, found in ((node.left, left), (node.right, right)):
        if found is MISSING:
            return f"算不出 {render(side)}（{_operands(side)}）"
    sign = _ASKS[node.operator][0].strip()
    return (
        f"{_actual(node.left, left)}，是{sort_of(left)}，不能与{sort_of(right)} {show(right)} 比较（{sign}）"
    )


def _operands(node: Node) -> str:
    return "类型不符或除数为零" if not isinstance(node, Call) else "类型不符"


def _values(node: Node, facts: Mapping[str, Any]) -> str:
    if isinstance(node, Comparison):
        unit = shared_unit(node)
        return _actual(node.left, value(node.left, unit)(facts)) + _beside(
            node.right, value(node.right, unit)(facts)
        )
    if isinstance(node, Call) and node.name == "exists":
        return f"{'有' if value(node)(facts) else '没有'} {render(node.arguments[0])} 这个值"
    return _actual(node, value(node)(facts))


def _beside(node: Node, found: Any) -> str:
    return "" if _is_constant(node) else f"，{_actual(node, found)}"


def _actual(node: Node, found: Any) -> str:
    return f"{render(node)} 实际为 {show(found)}"


def _asked(node: Comparison, right: Any, *, wanted: bool) -> str:
    sign = _ASKS[node.operator][0 if wanted else 1]
    if _is_constant(node.right):
        shown = render(node.right)
        if isinstance(node.right, Quantity) and right != node.right.amount:
            shown += f"（即 {show(right)}）"
        return f"{sign} {shown}"
    return f"{sign} {render(node.right)}（实际为 {show(right)}）"


def _is_constant(node: Node) -> bool:
    if isinstance(node, Listing | Negative):
        return all(_is_constant(child) for child in children(node))
    return isinstance(node, Literal | Quantity)


def _lacking(node: Node, facts: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(node, Path):
        if value(node)(facts) is MISSING:
            yield f"没有 {spell_path(node)} 这个值"
        return
    if isinstance(node, Call) and node.name == "age" and CLOCK not in facts:
        yield f"没有 {CLOCK} 这个值"
    for child in children(node):
        yield from _lacking(child, facts)


def show(found: Any) -> str:
    """Return a value for the reader, shortened."""
    if isinstance(found, str):
        return spell_value(found if len(found) <= SHOWN else found[:SHOWN] + "…")
    if found is None or isinstance(found, bool):
        return spell_value(found)
    if isinstance(found, float):
        return f"{found:.6g}" if abs(found) < 1e6 else f"{found:.1f}"
    text = str(found)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
