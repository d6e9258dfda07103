"""Loading (装载): checked, counted, written aside, made true by one rename; the same batch twice is loaded once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, Conflict, later

from .batch import DUCKDB, Batch, as_arrow, content_hash, parquet_files
from .schema import Kind, Schema, Table
from .store import WHOLE, LoadEntry, Manifest, Partition, Store

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
else:
    duckdb = later("duckdb")
    pa = later("pyarrow")


NAMED = 500
"""A table of so many rows in a batch is small: its records are kept by name, to say what changed a figure."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did (装载结果).

    Args:
        batch: its id.
        is_repeat: it had been loaded before; nothing was done.
        rows: table → rows of the batch.
        totals: table → money column → sum in 分, as counted here.
        dirty: table → months whose content changed.
        manifest: number of the manifest that holds it.
    """

    batch: str
    is_repeat: bool
    rows: Mapping[str, int]
    totals: Mapping[str, Mapping[str, int]]
    dirty: Mapping[str, tuple[str, ...]]
    manifest: int


def load(store: Store, schema: Schema, batch: Batch, *, memory_limit: str = "2GB") -> LoadReport:
    """Load a batch and report which months of which tables became dirty.

    Rows with a key that is already there replace it, wherever it lies; a batch of `replace` restates its months.

    Raises:
        BadInput: data that does not fit the schema or the control totals; nothing is loaded.
        Conflict: the id was used for other content, or another load is running.
    """
    if not batch.id or not all(c.isalnum() or c in "-_." for c in batch.id) or batch.id.startswith("."):
        raise BadInput("批次号应由字母、数字、短横、下划线和点组成。", field="batch")
    for name in (*batch.tables, *batch.totals):
        schema.table(name)
    content = content_hash(batch, schema)
    with store.loading() as before:
        known = before.batches.get(batch.id)
        if known == content:
            return LoadReport(batch.id, True, {}, {}, {}, before.number)
        if known is not None:
            raise Conflict(f"批次 {batch.id} 装载过，但内容不同。", "更正的数据请用新的批次号。")
        spill: dict[str, Any] = {
            "memory_limit": memory_limit,
            "temp_directory": str(store.staging(batch.id) / "spill"),
        }
        with duckdb.connect(config=spill) as connection:
            work = _Work(store, connection, batch, before)
            for name in batch.tables:
                work.table(schema.table(name))
            dirty = {t: tuple(sorted(months)) for t, months in work.dirty.items() if months}
            entry = LoadEntry(
                before.number + 1, batch.id, batch.by, batch.at.isoformat() if batch.at else "", work.rows, dirty,
                work.named(),
            )  # fmt: skip
            after = replace(
                work.after, batches={**before.batches, batch.id: content}, loads=(*before.loads, entry)
            )
            store.commit(before, after, work.moves)
    return LoadReport(batch.id, False, work.rows, work.totals, dirty, before.number + 1)


class _Work:
    """One load under way."""

    def __init__(
        self, store: Store, connection: duckdb.DuckDBPyConnection, batch: Batch, before: Manifest
    ) -> None:
        self.store = store
        self.db = connection
        self.batch = batch
        self.after = before
        self.folder = store.staging(batch.id)
        self.moves: dict[Path, str] = {}
        self.rows: dict[str, int] = {}
        self.totals: dict[str, dict[str, int]] = {}
        self.dirty: dict[str, set[str]] = {}
        self.records: dict[str, list[dict[str, Any]]] = {}

    def table(self, table: Table) -> None:
        """Check, count, merge and stage one table of the batch."""
        self.read(table)
        self.check(table)
        self.count(table)
        new = {str(m) for (m,) in self.db.execute("SELECT DISTINCT _month FROM incoming").fetchall()}
        hit = self.hits(table)
        restated = new if table.name in self.batch.replace else set()
        for month in sorted(new | hit):
            self.partition(
                table, month, is_new=month in new, is_hit=month in hit, is_restated=month in restated
            )
        self.dirty[table.name] = new | hit
        if self.rows[table.name] <= NAMED:
            self.records[table.name] = self.shown(table)
        self.db.execute("DROP TABLE incoming")

    def shown(self, table: Table) -> list[dict[str, Any]]:
        """Return the records of the batch with their month, without what is masked; times as ISO text."""
        columns = ", ".join(f'"{c.name}"' for c in table.columns.values() if not c.mask)
        keys = ", ".join(f'"{k}"' for k in table.key)
        found = self.db.execute(f"SELECT {columns}, _month FROM incoming ORDER BY {keys}")
        names = [str(d[0]) for d in found.description or ()]
        return [
            {n: v.isoformat() if isinstance(v, date) else v for n, v in zip(names, row, strict=True)}
            for row in found.fetchall()
        ]

    def named(self) -> str:
        """Stage the list of a small batch's records; return its name, empty when there is nothing to name."""
        if not self.records:
            return ""
        staged = self.folder / "records.json"
        staged.write_text(json.dumps(self.records, ensure_ascii=False), "utf-8")
        name = f"loads/{self.after.number + 1:06d}-{self.batch.id}.json"
        self.moves[staged] = name
        return name

    def read(self, table: Table) -> None:
        """Bring the batch's rows, typed and with their month, into a table `incoming`."""
        source = self.batch.tables[table.name]
        files = parquet_files(source)
        if files is None:
            data = source if isinstance(source, pa.Table) else as_arrow(table, source)
            self.db.register("given", data)
            origin, params = "given", []
        else:
            origin, params = (
                "read_parquet(?, union_by_name = true, hive_partitioning = false)",
                [[str(f) for f in files]],
            )
        have = {str(d[0]) for d in self.db.execute(f"DESCRIBE SELECT * FROM {origin}", params).fetchall()}
        missing = [c.name for c in table.columns.values() if c.name not in have and not c.nullable]
        extra = sorted(have - set(table.columns))
        if missing or extra:
            what = [f"缺少 {'、'.join(missing)}"] * bool(missing) + [f"多出 {'、'.join(extra)}"] * bool(extra)
            raise BadInput(
                f"{table.title}的列不对：{'；'.join(what)}。", "请按数据仓库结构提供。", field=table.name
            )
        columns = ", ".join(
            (_cast(c.name, c.kind) if c.name in have else f"CAST(NULL AS {DUCKDB[c.kind]})")
            + f' AS "{c.name}"'
            for c in table.columns.values()
        )
        month = f"strftime(\"{table.partition}\", '%Y-%m')" if table.partition else f"'{WHOLE}'"
        try:
            self.db.execute(
                f"CREATE TEMP TABLE incoming AS SELECT *, {month} AS _month FROM (SELECT {columns} FROM {origin})",
                params,
            )
        except duckdb.Error as error:
            raise BadInput(
                f"{table.title}有不合类型的数据：{str(error).splitlines()[0]}。",
                "请改正后重新提交。",
                field=table.name,
            ) from error

    def check(self, table: Table) -> None:
        """Refuse empty values where none may be, and a key twice."""
        needed = [c for c in table.columns.values() if not c.nullable]
        counts = ", ".join(f'count(*) FILTER (WHERE "{c.name}" IS NULL)' for c in needed)
        found = self.db.execute(f"SELECT {counts} FROM incoming").fetchone() or ()
        empty = [f"{c.title}（{c.name}）{n} 行" for c, n in zip(needed, found, strict=True) if n]
        if empty:
            raise BadInput(
                f"{table.title}有空值：{'、'.join(empty)}。", "请补齐后重新提交。", field=table.name
            )
        keys = ", ".join(f'"{k}"' for k in table.key)
        twice = self.db.execute(
            f"SELECT {keys}, count(*) FROM incoming GROUP BY {keys} HAVING count(*) > 1 LIMIT 3"
        ).fetchall()
        if twice:
            shown = "；".join("、".join(str(v) for v in row[:-1]) for row in twice)
            raise BadInput(
                f"{table.title}有重复的主键（{'、'.join(table.key)}）：{shown}。", "请去重后重新提交。"
            )

    def count(self, table: Table) -> None:
        """Count rows and money, and compare with what the sender counted."""
        counted = _totals(self.db, "incoming", table)
        rows = counted.pop("rows")
        self.rows[table.name], self.totals[table.name] = rows, counted
        wrong = []
        for name, stated in self.batch.totals.get(table.name, {}).items():
            if name != "rows" and name not in counted:
                raise BadInput(f"{table.title}没有可核对的「{name}」。", "控制总数可写 rows 和金额列。")
            actual = rows if name == "rows" else counted[name]
            if actual != stated:
                wrong.append(f"{name} 应为 {stated}，实为 {actual}")
        if wrong:
            raise BadInput(
                f"{table.title}与控制总数不符：{'；'.join(wrong)}。", "请核对后重新提交。", field=table.name
            )

    def hits(self, table: Table) -> set[str]:
        """Return the months that hold keys of this batch already."""
        found = set()
        same = " AND ".join(f'o."{k}" = i."{k}"' for k in table.key)
        for month, partition in self.after.partitions(table.name).items():
            files = [str(self.store.path(f)) for f in partition.files]
            one = self.db.execute(
                f"SELECT 1 FROM read_parquet(?) o SEMI JOIN incoming i ON {same} LIMIT 1", [files]
            ).fetchone()
            if one:
                found.add(month)
        return found

    def partition(self, table: Table, month: str, *, is_new: bool, is_hit: bool, is_restated: bool) -> None:
        """Stage one month: added to, or written anew when rows of it are replaced."""
        old = self.after.partitions(table.name).get(month)
        columns = ", ".join(f'"{c}"' for c in table.columns)
        picked = f"SELECT {columns} FROM incoming WHERE _month = ?"
        kept: tuple[str, ...] = ()
        params: list[object] = [month]
        if old is not None and is_hit and not is_restated:
            same = " AND ".join(f'o."{k}" = i."{k}"' for k in table.key)
            rest = f"SELECT {', '.join(f'o.{c}' for c in columns.split(', '))} FROM read_parquet(?) o"
            picked = f"{rest} ANTI JOIN incoming i ON {same} UNION ALL {picked}"
            params = [[str(self.store.path(f)) for f in old.files], month]
        elif old is not None and is_new and not is_restated:
            kept = old.files
        number = len(self.moves)
        staged = self.folder / f"{number}.parquet"
        self.db.execute(f"CREATE TEMP TABLE staged AS {picked}", params)
        self.db.execute(f"COPY staged TO '{staged}' (FORMAT parquet, COMPRESSION zstd)")
        self.db.execute("DROP TABLE staged")
        name = f"data/{table.name}/{month}/{self.after.number + 1:06d}-{self.batch.id}.parquet"
        self.moves[staged] = name
        files = (*kept, name)
        paths = [str(staged if f == name else self.store.path(f)) for f in files]
        self.db.execute("CREATE TEMP VIEW written AS SELECT * FROM read_parquet(" + _listed(paths) + ")")
        totals = _totals(self.db, "written", table)
        self.db.execute("DROP VIEW written")
        rows = totals.pop("rows")
        version = (old.version if old else 0) + 1
        batches = (*(old.batches if old else ()), self.batch.id)
        self.after = self.after.with_partition(
            table.name, month, Partition(version, files, rows, totals, batches)
        )


def _totals(db: duckdb.DuckDBPyConnection, name: str, table: Table) -> dict[str, int]:
    sums = "".join(f', coalesce(sum("{m}"), 0)' for m in table.money)
    found = db.execute(f"SELECT count(*){sums} FROM {name}").fetchone() or ()
    return {k: int(v) for k, v in zip(("rows", *table.money), found, strict=True)}


def _listed(paths: list[str]) -> str:
    return "[" + ", ".join("'" + p.replace("'", "''") + "'" for p in paths) + "]"


def _cast(name: str, kind: Kind) -> str:
    """Return the cast of a column; times are kept to the second so that minutes count alike on every engine."""
    plain = f'CAST("{name}" AS {DUCKDB[kind]})'
    return f"date_trunc('second', {plain})" if kind is Kind.DATETIME else plain
