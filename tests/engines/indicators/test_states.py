"""States are kept by fingerprint; a torn file is as good as none."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from taxops.engines.indicators import FolderStates, MemoryStates
from taxops.engines.indicators.states import as_mapping, merge


def table(**columns: list[int]) -> pa.Table:
    return pa.table(columns)


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


def test_months_add_up() -> None:
    merged = merge([table(s0=[1, 2], value=[3, 4]), table(s0=[2, 3], value=[10, 1])], ["s0"])
    assert as_mapping(merged, ["s0"]) == {(1,): 3, (2,): 14, (3,): 1}
