"""Frozen inputs (冻结数据): what a report was made from, as one text with its SM3; and what differs between two.

A later decision makes a new freeze and a visible difference, never a silent change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taxops.engines.base import BadInput
from taxops.engines.crypto import sm3
from taxops.engines.ledger import canonical


@dataclass(frozen=True, slots=True)
class Frozen:
    """Inputs as they stood (冻结数据): canonical text and its digest."""

    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs (差异).

    Args:
        path: where, from the outside in: keys of mappings, and of lists the items' own keys.
        before: the value, None where there was none.
        after: the value, None where there is none any more.
    """

    path: tuple[str, ...]
    before: object
    after: object


def freeze(value: object) -> Frozen:
    """Return the inputs as canonical text with its SM3 digest (冻结).

    >>> freeze({"b": 1, "a": [2]}).text
    '{"a":[2],"b":1}'
    """
    text = canonical(value)
    return Frozen(text, sm3(text.encode()))


def thaw(frozen: Frozen) -> object:
    """Return the inputs again, as plain JSON values.

    Raises:
        BadInput: text and digest do not belong together.
    """
    if sm3(frozen.text.encode()) != frozen.digest:
        raise BadInput(
            "报告的冻结数据与其摘要不符，已拒绝使用。", "数据可能被改动；请联系管理员核查并从备份恢复。"
        )
    return json.loads(frozen.text)


def differences(before: object, after: object, *, key: str = "key") -> list[Difference]:
    """Return what differs between two frozen inputs (差异), in the order of the later one.

    Args:
        before: plain JSON values.
        after: plain JSON values.
        key: items of a list that carry this key are compared by it, others by their place.
    """
    return list(_differences((), before, after, key))


def _differences(path: tuple[str, ...], before: object, after: object, key: str) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(path, before, after, key)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_mappings(path, _keyed(before, key), _keyed(after, key), key)
    else:
        yield Difference(path, before, after)


def _of_mappings(
    path: tuple[str, ...], before: Mapping[str, object], after: Mapping[str, object], key: str
) -> Iterator[Difference]:
    for name in [*after, *(gone for gone in before if gone not in after)]:
        yield from _differences((*path, name), before.get(name), after.get(name), key)


def _keyed(items: list[object], key: str) -> dict[str, object]:
    """Return a list as a mapping by the items' own keys; the second of the same key counts on."""
    found: dict[str, object] = {}
    for place, item in enumerate(items, 1):
        name = str(item[key]) if isinstance(item, Mapping) and key in item else str(place)
        while name in found:
            name += "+"
        found[name] = item
    return found
