"""One value, one text (规范化): the same content always gives the same bytes, on every machine."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID


def canonical(value: object) -> str:
    """Return canonical JSON: sorted keys, no blanks, UTC microseconds, numbers that cannot drift.

    >>> canonical({"b": 1, "a": [True, None, Decimal("1.50")]})
    '{"a":[true,null,"1.50"],"b":1}'

    Raises:
        ValueError: a naive datetime, an infinite or missing number, two keys that are one.
        TypeError: a value that has no canonical text.
    """
    return json.dumps(
        _plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _text(text: str) -> str:
    """Return text that UTF-8 can carry: a lone surrogate is written as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _number(value: float | Decimal) -> object:
    """Return a number that survives every database: decimals as text, floats by their shortest form."""
    if not math.isfinite(value):
        raise ValueError("a number in a ledger is finite")
    return str(value) if isinstance(value, Decimal) else value


def _moment(value: date | time | timedelta) -> str:
    """Return an instant in UTC microseconds; dates, times of day and durations in their own form."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, timedelta):
        return f"{value // timedelta(microseconds=1)}us"
    return value.isoformat()


def _plain(value: object) -> object:
    """Return the value in JSON's own types."""
    match value:
        case Enum():
            return _plain(value.value)
        case str():
            return _text(value)
        case None | bool() | int():
            return value
        case float() | Decimal():
            return _number(value)
        case date() | time() | timedelta():
            return _moment(value)
        case UUID():
            return str(value)
        case Mapping():
            return _mapping(value)
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=canonical)
        case list() | tuple():
            return [_plain(item) for item in value]
    raise TypeError(f"no canonical text for {type(value).__name__}")


def _mapping(value: Mapping[object, object]) -> dict[str, object]:
    """Return a mapping with text keys."""
    plain: dict[str, object] = {}
    for key, item in value.items():
        name = _text(key if isinstance(key, str) else str(_plain(key)))
        if name in plain:
            raise ValueError(f"the key {name!r} stands twice")
        plain[name] = _plain(item)
    return plain
