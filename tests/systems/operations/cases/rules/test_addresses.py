"""Addresses of targets: whatever a person fills in comes back, and nothing becomes another address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.systems.operations.cases.rules import Address, address_of, parts_of

pytestmark = pytest.mark.same_everywhere
GOOD = Address("db.example", 5432, "core", "fix", "secret")
words = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["db.example", "10.1.2.3", "[2001:db8::1]", "DB-1"]),
    st.integers(1, 65535),
    words,
    words,
    words,
)
def test_parts_come_back(host: str, port: int, database: str, user: str, password: str) -> None:
    parts = Address(host, port, database.lstrip("/") or "x", user, password)
    assert parts_of(address_of(parts)) == parts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", ""), ("host", "db.example/other"), ("host", "a@evil"), ("host", "db example"), ("host", "-db"),
        ("host", "db:5433"), ("port", 0), ("port", 65536), ("database", ""), ("user", ""), ("password", ""),
        ("password", "a\nb"), ("user", "a\x00"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(BadInput) as refused:
        address_of(replace(GOOD, **{field: value}))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_who_hears_the_password() -> None:
    assert GOOD.place == replace(GOOD, database="other", password="", host="DB.example").place
    assert GOOD.place != replace(GOOD, user="root").place
