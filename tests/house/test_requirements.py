"""The requirement table is complete and every claim in it names something that exists."""

from __future__ import annotations

import re

import pytest

from taxops.project.atlas import ROOT, Requirement, requirements

ROWS = requirements()
COUNTS = {
    "M": 20,
    "MJ": 3,
    "S": 14,
    "L": 15,
    "D": 13,
    "K": 8,
    "P": 3,
    "X": 6,
    "F": 5,
    "A": 6,
    "B": 7,
    "H": 12,
    "Z": 7,
    "V": 4,
}


def test_all_123_rows_of_operations_are_there() -> None:
    found = [r.id for r in ROWS if r.system == "operations"]
    expected = [
        f"{p}{n}" if p == "MJ" else f"{p}{n:02d}" for p, count in COUNTS.items() for n in range(1, count + 1)
    ]
    assert sorted(found) == sorted(expected)
    assert len(found) == 123


def test_ids_are_unique_and_every_system_has_rows() -> None:
    assert len({r.id for r in ROWS}) == len(ROWS)
    systems = {
        p.name for p in (ROOT / "src/taxops/systems").iterdir() if p.is_dir() and not p.name.startswith("_")
    }
    assert systems <= {r.system for r in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_a_row_tells_the_truth(row: Requirement) -> None:
    assert row.state in {"none", "part", "done"}
    assert row.clauses
    assert all(re.fullmatch(r"(GX|JL):\d+", c) for c in row.clauses)
    if row.state == "none":
        return
    assert row.module, "a row that is begun names its module"
    assert (ROOT / row.module).exists()
    assert row.test, "a row that is begun names its test"
    path, _, name = row.test.partition("::")
    assert (ROOT / path).exists()
    if name:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
    if row.state == "part":
        assert row.note, "a part says what is missing"
