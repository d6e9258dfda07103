"""Rows become typed columns or are refused by row and column; content has one hash."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from taxops.engines.base import BadInput
from taxops.engines.warehouse import Batch, Store, StoredLake, load, rows_from_csv
from taxops.engines.warehouse.batch import as_arrow, content_hash

from .shelf import SCHEMA, bill

BILL = SCHEMA.table("bill")


def test_csv_reads_typed() -> None:
    rows = rows_from_csv(
        BILL, "# 说明\nbill_id,unit_id,on,amount,note\n1,2,2025-01-05,-300,\n\n2,2,2025-01-06,0,好\n"
    )
    assert rows[0] == {"bill_id": 1, "unit_id": 2, "on": date(2025, 1, 5), "amount": -300, "note": None}
    with pytest.raises(BadInput) as caught:
        rows_from_csv(BILL, "bill_id,on,amount,colour\nx,2025-13-01,1.5,red\n")
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "bill_id"),
        (2, "on"),
        (2, "amount"),
        (2, "colour"),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("bill_id", "1"),
        ("bill_id", True),
        ("bill_id", 2**63),
        ("on", datetime.fromisoformat("2025-01-01")),
        ("amount", 1.5),
        ("note", 3),
    ],
)
def test_wrong_values_are_named(column: str, value: object) -> None:
    with pytest.raises(BadInput) as caught:
        as_arrow(BILL, [{**bill(1, "2025-01-01"), column: value}])
    assert [(p.row, p.column) for p in caught.value.problems] == [(1, column)]


def test_files_rows_and_arrow_load_alike(tmp_path: Path) -> None:
    rows = [bill(1, "2025-01-05", note="电子票"), bill(2, "2025-02-05")]
    table = as_arrow(BILL, rows)
    pq.write_table(table, tmp_path / "x.parquet")
    found = []
    for n, source in enumerate((rows, table, tmp_path / "x.parquet", [tmp_path / "x.parquet"])):
        store = Store(tmp_path / str(n))
        load(store, SCHEMA, Batch("b", {"bill": source}))
        found.append(StoredLake(store, SCHEMA).arrow("bill").to_pylist())
    assert found[0] == rows
    assert all(f == found[0] for f in found)
    with pytest.raises(BadInput, match="没有数据文件"):
        load(Store(tmp_path / "z"), SCHEMA, Batch("b", {"bill": tmp_path / "none.parquet"}))


def test_a_senders_folder_names_overwrite_no_column(tmp_path: Path) -> None:
    (tmp_path / "bill" / "on=2025-01").mkdir(parents=True)
    pq.write_table(as_arrow(BILL, [bill(1, "2025-01-05")]), tmp_path / "bill" / "on=2025-01" / "x.parquet")
    load(Store(tmp_path / "w"), SCHEMA, Batch("b", {"bill": tmp_path / "bill"}))
    assert StoredLake(Store(tmp_path / "w"), SCHEMA).arrow("bill").to_pylist() == [bill(1, "2025-01-05")]


def test_a_file_with_wrong_columns_is_refused(tmp_path: Path) -> None:
    table = as_arrow(BILL, [bill(1, "2025-01-05")])
    pq.write_table(table.drop_columns(["amount"]).append_column("colour", [["red"]]), tmp_path / "x.parquet")
    with pytest.raises(BadInput, match="缺少 amount；多出 colour"):
        load(Store(tmp_path / "w"), SCHEMA, Batch("b", {"bill": tmp_path / "x.parquet"}))
    text = as_arrow(BILL, [bill(1, "2025-01-05")]).set_column(0, "bill_id", [["甲"]])
    with pytest.raises(BadInput, match="不合类型"):
        load(Store(tmp_path / "w"), SCHEMA, Batch("b", {"bill": text}))


def test_the_hash_is_of_the_content() -> None:
    one = content_hash(Batch("a", {"bill": [bill(1, "2025-01-05")]}), SCHEMA)
    assert one == content_hash(Batch("b", {"bill": [bill(1, "2025-01-05")]}), SCHEMA)
    assert one != content_hash(Batch("a", {"bill": [bill(1, "2025-01-05", 1)]}), SCHEMA)
    assert one != content_hash(
        Batch("a", {"bill": [bill(1, "2025-01-05")]}, replace=frozenset({"bill"})), SCHEMA
    )
