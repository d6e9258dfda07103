"""How values are written."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.web.kit import history, show


def test_examples_in_the_docstrings_hold() -> None:
    for module in (show, history):
        assert doctest.testmod(module).failed == 0


def test_time_is_shown_in_china_and_its_year_only_when_it_differs() -> None:
    midnight = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # already 2026 in China
    assert show.when(midnight, datetime(2026, 6, 1, tzinfo=UTC)) == "01-01 00:30"
    assert show.when(midnight, datetime(2025, 6, 1, tzinfo=UTC)) == "2026-01-01 00:30"


@pytest.mark.parametrize(
    ("_case", "value", "text"),
    [
        ("nothing", None, "—"),
        ("infinite", float("inf"), "—"),
        ("not a number", float("nan"), "—"),
        ("thousands", 1234.5, "1,234.5"),
        ("negative", -1234567, "-1,234,567"),
        ("zero", 0, "0"),
    ],
)
def test_number(_case: str, value: object, text: str) -> None:
    assert show.number(value) == text


@given(st.text())
def test_no_text_can_begin_a_formula(text: str) -> None:
    safe = show.spreadsheet_safe(text)
    if safe[:1] in {"=", "@", "\t", "\r"}:
        raise AssertionError(safe)
    if safe[:1] in {"+", "-"}:
        float(safe)
    assert safe.removeprefix("'") == text.removeprefix("'")
