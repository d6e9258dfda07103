"""Ids sort by time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import new_id


@given(st.integers(0, 2**48 - 2), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_later_ids_sort_later(millis: int, a: bytes, b: bytes) -> None:
    assert new_id(millis, a) < new_id(millis + 1, b)
    assert len(new_id(millis, a)) == 26


def test_wrong_entropy_is_a_bug() -> None:
    with pytest.raises(ValueError, match="entropy"):
        new_id(0, b"")
