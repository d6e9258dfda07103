"""States are kept by fingerprint; a torn file is as good as none."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from taxops.engines.indicators import FolderStates, MemoryStates
from taxops.engines.indicators.states import added


def table(**columns: list[int | None]) -> pa.Table:
    return pa.table({k: pa.array(v, pa.int64()) for k, v in columns.items()})


def test_a_folder_keeps_what_it_is_given(tmp_path: Path) -> None:
    state = table(s0=[1, 2], value=[3, 4])
    for states in (MemoryStates(), FolderStates(tmp_path)):
        assert states.get("ab12") is None
        states.put("ab12", state)
        found = states.get("ab12")
        assert found is not None
        assert found.equals(state)
    next(tmp_path.rglob("*.arrow")).write_bytes(b"ARROW1torn")
    assert FolderStates(tmp_path).get("ab12") is None


@pytest.mark.parametrize("few", [0, 100])
def test_months_add_up_in_python_as_in_arrow(few: int) -> None:
    months = [
        table(s0=[1, 2], value=[3, 4]),
        table(s0=[], value=[]),
        table(s0=[2, 3, 4], value=[10, 1, None]),
    ]
    assert added(months, ["s0"], few=few) == {(1,): 3, (2,): 14, (3,): 1, (4,): None}
    pairs = [table(s0=[1, 1], s1=[1, 2], value=[2**60, 4]), table(s0=[1, 1], s1=[2, 1], value=[10, 2**60])]
    assert added(pairs, ["s0", "s1"], few=few) == {(1, 1): 2**61, (1, 2): 14}


def test_one_month_is_itself() -> None:
    assert added([table(s0=[1], value=[7])], ["s0"]) == {(1,): 7}
