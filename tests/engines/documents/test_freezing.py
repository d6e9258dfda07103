"""Frozen inputs: same content same digest, a change shows, differences lead back to both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.crypto import sm3
from taxops.engines.documents import Difference, Frozen, differences, freeze, thaw

BEFORE = {
    "systems": [{"key": "a", "down": 600, "ok": True}, {"key": "b", "down": 0, "ok": True}],
    "total": 600,
    "days": [1, 2],
}


def test_content_decides_the_digest_not_the_order_of_keys() -> None:
    one, two = freeze({"b": 1, "a": "中断"}), freeze({"a": "中断", "b": 1})
    assert one == two
    assert one.digest == sm3(one.text.encode())
    assert thaw(one) == {"a": "中断", "b": 1}


def test_a_changed_text_is_refused() -> None:
    frozen = freeze({"down": 600})
    with pytest.raises(BadInput, match="摘要不符"):
        thaw(Frozen(frozen.text.replace("600", "60"), frozen.digest))


def test_items_of_a_list_are_compared_by_their_key() -> None:
    after = {
        "systems": [{"key": "b", "down": 0, "ok": True}, {"key": "a", "down": 0, "ok": True}],
        "total": 0,
        "days": [1, 3, 4],
    }
    assert differences(BEFORE, after) == [
        Difference(("systems", "a", "down"), 600, 0),
        Difference(("total",), 600, 0),
        Difference(("days", "2"), 2, 3),
        Difference(("days", "3"), None, 4),
    ]


def test_what_is_gone_is_told() -> None:
    assert differences({"a": [{"key": "x", "v": 1}], "b": 2}, {"a": []}) == [
        Difference(("a", "x"), {"key": "x", "v": 1}, None),
        Difference(("b",), 2, None),
    ]


def test_two_items_of_one_key_are_both_compared() -> None:
    twice: list[dict[str, Any]] = [{"key": "x", "v": 1}, {"key": "x", "v": 2}]
    changed: list[dict[str, Any]] = [{"key": "x", "v": 1}, {"key": "x", "v": 3}]
    assert differences(twice, changed) == [Difference(("x+", "v"), 2, 3)]


_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(_plain, _plain)
def test_there_is_a_difference_exactly_when_the_digests_differ(one: object, two: object) -> None:
    # None as a value and no value at all read the same to a person; digests tell them apart.
    same = freeze(one) == freeze(two)
    if same:
        assert differences(one, two) == []
    found = differences(one, two)
    assert all(d.before != d.after or d.before is None for d in found)
