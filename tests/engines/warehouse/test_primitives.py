"""Rounding as a person does it, against decimals; the rest of the primitives is the conformance suite."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.warehouse import primitives

CONNECTION = ibis.duckdb.connect()


@settings(max_examples=25, deadline=None)
@given(st.decimals(-1_000_000, 1_000_000, places=3), st.integers(0, 2))
def test_rounding_equals_decimal(value: Decimal, digits: int) -> None:
    found = CONNECTION.execute(primitives.round_half_up(ibis.literal(float(value)), digits))
    assert found == float(value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
