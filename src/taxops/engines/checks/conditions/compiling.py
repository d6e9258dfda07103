"""A tree to one callable (编译): closures over closures, with short cuts for the common shapes.

A judgement answers True, False or MISSING (cannot be worked out). The three obey Kleene's logic, so a
missing fact never makes a condition hold, not even behind `not`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .functions import CLOCK, FUNCTIONS, MISSING
from .judging import CASELESS_ROOTS, COMPARE, calculate, follow, negate
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
from .patterns import pattern_of
from .units import unit_of, worth

Run = Callable[[Mapping[str, Any]], Any]


def judgement(node: Node) -> Run:
    """Return a callable that answers True, False or MISSING for given facts."""
    match node:
        case Both(parts=parts):
            return _all([judgement(part) for part in parts])
        case Either(parts=parts):
            return _any([judgement(part) for part in parts])
        case Not(operand=operand):
            return _not(judgement(operand))
        case Comparison():
            return _comparison(node)
        case _:
            return _flag(value(node))


def value(node: Node, unit: str | None = None) -> Run:
    """Return a callable that answers the node's value; `unit` is what quantities are turned into."""
    match node:
        case Literal() | Quantity():
            return _constant(constant(node, unit))
        case Path():
            return _path(node)
        case Listing(items=items):
            return _listing([value(item, unit) for item in items])
        case Negative(operand=operand):
            inner = value(operand, unit)
            return lambda facts: negate(inner(facts))
        case Arithmetic(operator=sign, left=left, right=right):
            a, b = value(left, unit), value(right, None if sign == "/" else unit)
            return lambda facts: calculate(sign, a(facts), b(facts))
        case Call():
            return _call(node, unit)
        case _:
            return judgement(node)


def constant(node: Literal | Quantity, unit: str | None) -> Any:
    """Return the value of a constant; a quantity of time in the wanted unit."""
    return worth(node, unit) if isinstance(node, Quantity) else node.value


def shared_unit(node: Comparison) -> str | None:
    """Return the unit in which the two sides of a comparison meet."""
    return unit_of(node.left) or unit_of(node.right)


def _constant(fixed: Any) -> Run:
    return lambda _facts: fixed


def _path(node: Path) -> Run:
    root, keys, caseless = node.root, node.keys, node.root in CASELESS_ROOTS

    def plain(facts: Mapping[str, Any]) -> Any:
        try:
            return facts[root]
        except KeyError:
            return MISSING

    if not keys:
        return plain

    first = keys[0]

    def one(facts: Mapping[str, Any]) -> Any:
        try:
            return facts[root][first]
        except (KeyError, IndexError, TypeError):
            return follow(facts.get(root, MISSING), keys, caseless=caseless)

    def many(facts: Mapping[str, Any]) -> Any:
        found = facts.get(root, MISSING)
        try:
            for key in keys:
                is_plain = type(found) is dict or (type(found) is list and type(key) is int)
                if not is_plain:
                    return follow(facts.get(root, MISSING), keys, caseless=caseless)
                found = found[key]
        except (KeyError, IndexError):
            return follow(facts.get(root, MISSING), keys, caseless=caseless)
        return found

    # A text could be indexed like a list; only names are safe to look up directly.
    return one if len(keys) == 1 and isinstance(first, str) else many


def _listing(items: list[Run]) -> Run:
    def run(facts: Mapping[str, Any]) -> Any:
        found = [item(facts) for item in items]
        return MISSING if any(item is MISSING for item in found) else found

    return run


def _call(node: Call, unit: str | None) -> Run:
    function = FUNCTIONS[node.name]
    call = function.call
    arguments = [value(argument, unit) for argument in node.arguments]
    if node.name == "exists":
        (inner,) = arguments
        return lambda facts: inner(facts) is not MISSING
    if node.name == "age":
        (inner,) = arguments
        return lambda facts: call(facts.get(CLOCK, MISSING), inner(facts))
    if len(arguments) == 1:
        (inner,) = arguments
        return lambda facts: call(inner(facts))
    return lambda facts: call(*[argument(facts) for argument in arguments])


def _comparison(node: Comparison) -> Run:
    if node.operator == "matches":
        return _matches(node)
    unit = shared_unit(node)
    left = value(node.left, unit)
    if node.operator == "in" and isinstance(node.right, Listing):
        chosen = _chosen(node.right)
        if chosen is not None:
            return _among(left, chosen)
    if isinstance(node.right, Literal | Quantity):
        fixed = constant(node.right, unit)
        short = _against_constant(node.operator, left, fixed)
        if short is not None:
            return short
    right = value(node.right, unit)
    compare = COMPARE[node.operator]
    return lambda facts: compare(left(facts), right(facts))


def _matches(node: Comparison) -> Run:
    assert isinstance(node.right, Literal)
    assert isinstance(node.right.value, str)
    search = pattern_of(node.right.value).search
    left = value(node.left)

    def run(facts: Mapping[str, Any]) -> Any:
        text = left(facts)
        return search(text) if isinstance(text, str) else MISSING

    return run


def _against_constant(sign: str, left: Run, fixed: Any) -> Run | None:
    """Return the quick form of a comparison with a number or text, when there is one."""
    is_number = type(fixed) in (int, float)
    if sign in ("==", "!=") and (is_number or isinstance(fixed, str)):
        return _equal_constant(left, fixed, wanted=sign == "==")
    if sign in ("<", "<=", ">", ">=") and is_number:
        return _ordered_constant(sign, left, fixed)
    if sign == "contains" and isinstance(fixed, str):
        return _contains_constant(left, fixed)
    return None


def _contains_constant(left: Run, fixed: str) -> Run:
    slow = COMPARE["contains"]

    def run(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return fixed in found if type(found) is str else slow(found, fixed)

    return run


def _chosen(node: Listing) -> frozenset[Any] | None:
    """Return the values of a list of plain numbers and texts, None for any other list."""
    values = [item.value for item in node.items if isinstance(item, Literal)]
    is_plain = len(values) == len(node.items) and all(type(value) in _HASHED for value in values)
    return frozenset(values) if is_plain else None


def _among(left: Run, chosen: frozenset[Any]) -> Run:
    slow = COMPARE["in"]
    listed = list(chosen)

    def run(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return found in chosen if type(found) in _HASHED else slow(found, listed)

    return run


def _equal_constant(left: Run, fixed: Any, *, wanted: bool) -> Run:
    kinds = frozenset({str}) if isinstance(fixed, str) else _QUICK
    slow = COMPARE["==" if wanted else "!="]

    def run(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return (found == fixed) is wanted if type(found) in kinds else slow(found, fixed)

    return run


def _ordered_constant(sign: str, left: Run, fixed: Any) -> Run:
    slow = COMPARE[sign]

    def less(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return found < fixed if type(found) in _QUICK else slow(found, fixed)

    def at_most(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return found <= fixed if type(found) in _QUICK else slow(found, fixed)

    def more(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return found > fixed if type(found) in _QUICK else slow(found, fixed)

    def at_least(facts: Mapping[str, Any]) -> Any:
        found = left(facts)
        return found >= fixed if type(found) in _QUICK else slow(found, fixed)

    return {"<": less, "<=": at_most, ">": more, ">=": at_least}[sign]


_QUICK = frozenset({int, float})
_HASHED = frozenset({int, float, str})


def _flag(inner: Run) -> Run:
    def run(facts: Mapping[str, Any]) -> Any:
        found = inner(facts)
        return found if isinstance(found, bool) else MISSING

    return run


def _not(inner: Run) -> Run:
    def run(facts: Mapping[str, Any]) -> Any:
        found = inner(facts)
        return MISSING if found is MISSING else not found

    return run


def _all(parts: list[Run]) -> Run:
    if len(parts) == 2:
        first, second = parts

        def both(facts: Mapping[str, Any]) -> Any:
            a = first(facts)
            if a is False:
                return False
            b = second(facts)
            return b if a is True or b is False else MISSING

        return both

    def run(facts: Mapping[str, Any]) -> Any:
        answer: Any = True
        for part in parts:
            found = part(facts)
            if found is False:
                return False
            if found is MISSING:
                answer = MISSING
        return answer

    return run


def _any(parts: list[Run]) -> Run:
    def run(facts: Mapping[str, Any]) -> Any:
        answer: Any = False
        for part in parts:
            found = part(facts)
            if found is True:
                return True
            if found is MISSING:
                answer = MISSING
        return answer

    return run
