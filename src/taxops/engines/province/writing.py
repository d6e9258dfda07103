"""Writing a generated province (写出) as partitioned Parquet in the warehouse's schema; same tables, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taxops.engines.base import BadInput
from taxops.engines.warehouse import Kind, shipped_schema

from .model import NO_INT, Coded, Column, Table

_ARROW = {
    Kind.INT: pa.int64(), Kind.FEN: pa.int64(), Kind.FLOAT: pa.float64(), Kind.TEXT: pa.string(),
    Kind.BOOL: pa.bool_(), Kind.DATE: pa.date32(), Kind.DATETIME: pa.timestamp("us"),
}  # fmt: skip
WHOLE = "all"
"""Name of the only partition of a table kept in one piece."""


def arrow_column(column: Column, kind: Kind) -> pa.Array:
    """Return one column with the type the warehouse gives it; sentinels become nulls."""
    target = _ARROW[kind]
    if isinstance(column, Coded):
        codes = pa.array(column.codes, mask=column.codes < 0)
        return pc.take(pa.array(list(column.words), pa.string()), codes)
    values = np.asarray(column)
    if kind in (Kind.INT, Kind.FEN):
        whole = values.astype(np.int64)
        return pa.array(whole, target, mask=whole == NO_INT)
    if kind is Kind.TEXT:
        return pa.array(values).cast(pa.string())
    if kind is Kind.DATE:
        return pa.array(values.astype("datetime64[D]")).cast(target)
    if kind is Kind.DATETIME:
        return pa.array(values.astype("datetime64[us]")).cast(target)
    return pa.array(values.astype(bool) if kind is Kind.BOOL else values.astype(np.float64), target)


class Writer:
    """Collects tables and writes them by partition (分区写出)."""

    def __init__(self, out: Path) -> None:
        """Prepare an empty folder.

        Raises:
            BadInput: the folder holds something already.
        """
        if out.exists() and any(out.iterdir()):
            raise BadInput(f"输出目录「{out.name}」不是空的。", "请换一个目录，或先清空它。")
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        self.rows: dict[str, int] = {}
        self.partitions: dict[str, dict[str, dict[str, int]]] = {}
        self._kept: dict[tuple[str, str], list[pa.Table]] = {}

    def take(self, tables: Mapping[str, Table]) -> None:
        """Keep tables' rows until `close`, each in the partition of its month."""
        schema = shipped_schema()
        for name, columns in tables.items():
            spec = schema.table(name)
            missing = sorted(set(spec.columns) ^ set(columns))
            if missing:
                raise BadInput(f"生成的表 {name} 与数据仓库结构不一致：{'、'.join(missing)}。")
            table = pa.table({c: arrow_column(columns[c], s.kind) for c, s in spec.columns.items()})
            if not spec.partition:
                self._kept.setdefault((name, WHOLE), []).append(table)
                continue
            months = np.asarray(columns[spec.partition]).astype("datetime64[M]")
            kinds = np.unique(months)
            for month in kinds:
                part = table if len(kinds) == 1 else table.filter(pa.array(months == month))
                self._kept.setdefault((name, str(month)), []).append(part)

    def flush(self, *names: str) -> None:
        """Write what is kept of some tables and forget it: these partitions will get no more rows."""
        for key in [k for k in self._kept if k[0] in names]:
            self._write(*key, self._kept.pop(key))

    def _write(self, name: str, month: str, parts: list[pa.Table]) -> None:
        spec = shipped_schema().table(name)
        table = pa.concat_tables(parts)
        if len(parts) > 1:
            table = table.sort_by([(k, "ascending") for k in spec.key])
        folder = self.out / name / month
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / "part.parquet", compression="zstd", compression_level=1)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows
        totals = {"rows": table.num_rows}
        totals |= {c: pc.sum(table[c]).as_py() or 0 for c in spec.money}
        self.partitions.setdefault(name, {})[month] = totals

    def close(self, facts: Mapping[str, object]) -> None:
        """Write what is left and the manifest with control totals."""
        for key in sorted(self._kept):
            self._write(*key, self._kept[key])
        self._kept.clear()
        manifest = {**facts, "rows": dict(sorted(self.rows.items())), "partitions": self.partitions}
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1)
        (self.out / "manifest.json").write_text(text + "\n", encoding="utf-8")

    def loose(self, name: str, columns: Table) -> None:
        """Write a table that is not the warehouse's (the truth), as one file beside the tables."""
        arrays = {
            c: arrow_column(v, Kind.TEXT if isinstance(v, Coded) else Kind.INT) for c, v in columns.items()
        }
        pq.write_table(pa.table(arrays), self.out / f"{name}.parquet", compression="zstd")
