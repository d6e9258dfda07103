"""One value, one text: order, zones and types of numbers do not matter; drift is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, Choices
from taxops.engines.ledger import canonical


class Colour(Choices):
    """A colour (颜色)."""

    RED = "red", "红"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_reading_and_writing_again_gives_the_same_text(value: object) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    text.encode("utf-8")


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(values: dict[str, int]) -> None:
    assert canonical(values) == canonical(dict(reversed(values.items())))


@given(st.datetimes(min_value=datetime(1901, 1, 2), max_value=datetime(9998, 1, 1)), st.integers(-12, 12))  # noqa: DTZ001
def test_an_instant_is_the_same_in_every_zone(naive: datetime, hours: int) -> None:
    instant = naive.replace(tzinfo=UTC)
    assert canonical(instant) == canonical(instant.astimezone(timezone(timedelta(hours=hours))))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 6, 1, 10, tzinfo=CHINA), '"2026-06-01T02:00:00.000000Z"'),
        (date(2026, 6, 1), '"2026-06-01"'),
        (timedelta(seconds=1.5), '"1500000us"'),
        (Decimal("1.50"), '"1.50"'),
        (Colour.RED, '"red"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({3, 1, 2}, "[1,2,3]"),
        ((1, "二"), '[1,"二"]'),
        ({1: True}, '{"1":true}'),
        ("\ud800", '"\\\\ud800"'),
    ],
)
def test_each_kind_of_value_has_its_text(value: object, expected: str) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("NaN"), datetime(2026, 6, 1), {1: 1, "1": 2}],  # noqa: DTZ001
)
def test_values_without_one_meaning_are_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        canonical(value)


def test_a_value_of_unknown_kind_is_a_bug_of_the_caller() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical(object())
