"""Derived values: three-valued, never an exception, never infinity."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.indicators.language import parse
from taxops.engines.indicators.valuing import Value, evaluate, reads

VALUES = {"a": Value(3, 4, 0.75), "z": Value(0, 0, None), "t": Value(10, None, 10)}


def lookup(alias: str, which: str, n: int) -> Value | None:
    return VALUES.get(
        alias if which == "now" else f"{alias}_{which}{n or ''}", Value(None, None, 8) if n == 12 else None
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.num / a.den", 0.75),
        ("a / 0", None),
        ("z + 1", None),
        ("coalesce(z, a, 1)", 0.75),
        ("t / prev(t, 12) - 1", 0.25),
        ("t / prev(t, 1) - 1", None),
        ("ytd(t)", None),
        ("case(z > 1, 5, a > 0.5, 6, 7)", 6),
        ("z is null and a is not null", True),
        ("z > 1 or a > 0.5", True),
        ("z > 1 and a < 0.5", False),
        ("z > 1 or a < 0.5", None),
        ("not (a between 0.5 and 1)", False),
        ("t in (10, 20)", True),
        ("t not in (10, 20)", False),
        ("greatest(a, z, 0.5) + least(a, $k)", 0.75 - 2),
        ("round_up(a, 1) + abs(-1)", 1.8),
        ("round_up(-a, 0)", -1.0),
        ("-t * 2", -20),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert evaluate(parse(text), lookup, {"k": -2}) == value


def test_what_an_expression_reads() -> None:
    assert reads(parse("a.num + prev(a, 12) / ytd(b)")) == {
        ("a", "now", 0),
        ("a", "prev", 12),
        ("b", "ytd", 0),
    }
