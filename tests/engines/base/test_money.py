"""Money never passes through a float."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput, fen_to_yuan, yuan_to_fen


@given(st.integers(-(10**15), 10**15))
def test_fen_survive_the_round_trip(fen: int) -> None:
    assert yuan_to_fen(fen_to_yuan(fen)) == fen


@pytest.mark.parametrize("text", ["", "十元", "1.2.3", "NaN", "Infinity"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="不是金额"):
        yuan_to_fen(text)
