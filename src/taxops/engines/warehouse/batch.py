"""A batch of data to load (装载批次): tables as rows, Arrow tables or Parquet files, with its control totals."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from taxops.engines.base import BadInput, RowProblem, later

from .schema import Column, Kind, Schema, Table

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = later("pyarrow")

Rows = Sequence[Mapping[str, object]]
Source: TypeAlias = Any
"""What a table's data may come as: an Arrow table, a Parquet file or folder, several of them, or rows."""

DUCKDB = {
    Kind.INT: "BIGINT", Kind.FEN: "BIGINT", Kind.FLOAT: "DOUBLE", Kind.TEXT: "VARCHAR",
    Kind.BOOL: "BOOLEAN", Kind.DATE: "DATE", Kind.DATETIME: "TIMESTAMP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery of data (装载批次).

    Args:
        id: given by the sender; the same id with the same content is loaded once.
        tables: table → its data.
        totals: table → `rows` and money column → sum in 分, as the sender counted them.
        replace: tables whose months in this batch are restated whole, instead of merged by key.
        by: who loads it; kept with the load, no part of the content.
        at: when it is loaded.
    """

    id: str
    tables: Mapping[str, Source]
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    replace: frozenset[str] = frozenset()
    by: str = ""
    at: datetime | None = None


@cache
def _arrow(kind: Kind) -> pa.DataType:
    return {
        Kind.INT: pa.int64(), Kind.FEN: pa.int64(), Kind.FLOAT: pa.float64(), Kind.TEXT: pa.string(),
        Kind.BOOL: pa.bool_(), Kind.DATE: pa.date32(), Kind.DATETIME: pa.timestamp("us"),
    }[kind]  # fmt: skip


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow types of a table."""
    return pa.schema([pa.field(c.name, _arrow(c.kind), nullable=c.nullable) for c in table.columns.values()])


def as_arrow(table: Table, rows: Rows) -> pa.Table:
    """Return rows as a typed Arrow table; missing keys are null.

    Raises:
        BadInput: a value of the wrong type; the message names the first rows and columns.
    """
    problems: list[RowProblem] = []
    data: dict[str, list[object]] = {name: [] for name in table.columns}
    for number, row in enumerate(rows, start=1):
        problems += [RowProblem(number, name, "没有这一列") for name in row if name not in table.columns]
        for name, column in table.columns.items():
            value = row.get(name)
            wrong = _wrong(column, value)
            if wrong:
                problems.append(RowProblem(number, name, wrong))
            data[name].append(value)
        if len(problems) >= 20:
            break
    if problems:
        raise BadInput(f"{table.title}有不合要求的数据，没有装载。", "请改正后重新提交。", problems=problems)
    return pa.table(
        {n: pa.array(values, _arrow(table.columns[n].kind)) for n, values in data.items()},
        schema=arrow_schema(table),
    )


def rows_from_csv(table: Table, text: str) -> list[dict[str, object]]:
    """Return typed rows of CSV text with a header line; an empty field is null. Money may be written in 分 only.

    Raises:
        BadInput: a value that is not what its column holds; the message names row and column.
    """
    problems: list[RowProblem] = []
    rows: list[dict[str, object]] = []
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for number, record in enumerate(csv.DictReader(lines), start=2):
        row: dict[str, object] = {}
        for name, value in record.items():
            column = table.columns.get(name or "")
            if column is None:
                problems.append(RowProblem(number, name or "（多余的列）", "没有这一列"))
                continue
            try:
                row[name] = _parsed(column.kind, (value or "").strip())
            except ValueError:
                problems.append(RowProblem(number, name, f"「{value}」不是{column.kind.label}"))
        rows.append(row)
    if problems:
        raise BadInput(f"{table.title}的 CSV 有不合要求的数据。", "请改正后重试。", problems=problems[:20])
    return rows


def content_hash(batch: Batch, schema: Schema) -> str:
    """Return the hash of what a batch holds; equal content, equal hash."""
    found = hashlib.sha256()
    for name in sorted(batch.tables):
        found.update(f"\0{name}\0{name in batch.replace}\0".encode())
        source = batch.tables[name]
        for path in parquet_files(source) or ():
            with path.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
        if not isinstance(source, Path) and parquet_files(source) is None:
            table = source if isinstance(source, pa.Table) else as_arrow(schema.table(name), source)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table.combine_chunks())
            found.update(sink.getvalue())
    return found.hexdigest()


def parquet_files(source: Source) -> list[Path] | None:
    """Return the Parquet files of a source, or None when it comes as rows or Arrow.

    Raises:
        BadInput: a path that is not there.
    """
    if isinstance(source, Path):
        source = [source]
    if isinstance(source, pa.Table) or not source or not all(isinstance(s, Path) for s in source):
        return None
    files: list[Path] = []
    for path in source:
        assert isinstance(path, Path)
        found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not all(f.is_file() for f in found):
            raise BadInput(f"没有数据文件「{path.name}」。", "请检查路径。")
        files += found
    return files


_KINDS: dict[Kind, type | tuple[type, ...]] = {
    Kind.INT: int, Kind.FEN: int, Kind.FLOAT: (int, float), Kind.TEXT: str, Kind.BOOL: bool,
    Kind.DATE: date, Kind.DATETIME: datetime,
}  # fmt: skip


def _wrong(column: Column, value: object) -> str:
    if value is None:
        return "" if column.nullable else "不能为空"
    wanted = _KINDS[column.kind]
    is_bool = isinstance(value, bool) and column.kind is not Kind.BOOL
    is_time = isinstance(value, datetime) and column.kind is Kind.DATE
    if is_bool or is_time or not isinstance(value, wanted):
        return f"「{value}」不是{column.kind.label}"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return "时间应是不带时区的北京时间"
    if column.kind in {Kind.INT, Kind.FEN} and not -(2**63) <= int(str(value)) < 2**63:
        return "整数太大"
    return ""


def _parsed(kind: Kind, text: str) -> object:
    if not text:
        return None
    if kind is Kind.BOOL:
        if text.lower() not in {"true", "false", "1", "0", "是", "否"}:
            raise ValueError(text)
        return text.lower() in {"true", "1", "是"}
    if kind in {Kind.INT, Kind.FEN}:
        return int(text)
    if kind is Kind.FLOAT:
        return float(text)
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if kind is Kind.DATETIME else text
