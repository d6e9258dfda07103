"""Files have the warehouse's columns and types, lie in the partition of their month, and the manifest adds up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from taxops.engines.base import BadInput
from taxops.engines.province.model import NO_INT, Coded
from taxops.engines.province.writing import Writer, arrow_column
from taxops.engines.warehouse import Kind, shipped_schema

from .conftest import Tiny

pytestmark = pytest.mark.same_everywhere


def test_every_table_of_the_schema_is_written_with_its_columns_and_no_forbidden_null(tiny: Tiny) -> None:
    schema = shipped_schema()
    assert set(tiny.done.rows) == set(schema.tables)
    for name, spec in schema.tables.items():
        table = tiny.read(name)
        assert table.column_names == list(spec.columns), name
        for column in spec.columns.values():
            assert column.nullable or table[column.name].null_count == 0, f"{name}.{column.name}"
        keys = list(zip(*(table[k].to_pylist() for k in spec.key), strict=True))
        assert len(keys) == len(set(keys)), name


def test_rows_lie_in_the_partition_of_their_month(tiny: Tiny) -> None:
    for name, spec in shipped_schema().tables.items():
        if not spec.partition:
            continue
        for file in (tiny.out / name).rglob("*.parquet"):
            months = {str(v)[:7] for v in pq.ParquetFile(file).read()[spec.partition].to_pylist()}
            assert months == {file.parent.name.removeprefix("month=")}, file


def test_the_manifest_adds_up(tiny: Tiny) -> None:
    manifest = json.loads((tiny.out / "manifest.json").read_text())
    assert manifest["rows"] == tiny.done.rows
    for name, parts in manifest["partitions"].items():
        table = tiny.read(name)
        assert sum(p["rows"] for p in parts.values()) == table.num_rows
        for column in shipped_schema().table(name).money:
            assert sum(p[column] for p in parts.values()) == sum(v or 0 for v in table[column].to_pylist())


def test_sentinels_become_nulls() -> None:
    assert arrow_column(np.array([1, NO_INT]), Kind.INT).to_pylist() == [1, None]
    assert arrow_column(Coded(np.array([0, -1]), ("甲",)), Kind.TEXT).to_pylist() == ["甲", None]
    assert arrow_column(np.array(["NaT", "2025-01-02"], dtype="datetime64[D]"), Kind.DATE).null_count == 1
    assert arrow_column(np.array([7]), Kind.TEXT).to_pylist() == ["7"]


def test_a_table_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "out")
    with pytest.raises(BadInput, match="id_hash"):
        writer.take({"person": {"person_id": np.array([1])}})
