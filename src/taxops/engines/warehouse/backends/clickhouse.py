"""ClickHouse by chDB (可选引擎): the real engine in this process. Needs chdb and clickhouse-connect; not in the lock.

ibis compiles exact distinct counts to an approximation and text length to bytes; both are put right here. Every column
is Nullable: otherwise "no row" and "no value" come back as 0.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from taxops.engines.warehouse.lake import Lake
from taxops.engines.warehouse.schema import Kind, Table

from .port import Engine, Expr

TYPES = {
    Kind.INT: "Int64", Kind.FEN: "Int64", Kind.FLOAT: "Float64", Kind.TEXT: "String",
    Kind.BOOL: "Bool", Kind.DATE: "Date32", Kind.DATETIME: "DateTime64(6, 'UTC')",
}  # fmt: skip


def _backend_class() -> Any:
    """Return ibis' ClickHouse backend with our cures; made late, because its client is not in the lock."""
    from ibis.backends.clickhouse import Backend
    from ibis.backends.sql.compilers import clickhouse as compilers

    class Compiler(compilers.ClickHouseCompiler):  # type: ignore[misc]
        """ibis' compiler, exact."""

    # Set afterwards: ibis writes the simple operations of every subclass anew when the class is made.
    Compiler.visit_CountDistinct = lambda self, _op, *, arg, where: self.agg.uniqExact(arg, where=where)
    Compiler.visit_StringLength = lambda self, _op, *, arg: self.f.anon.lengthUTF8(arg)

    class Exact(Backend):  # type: ignore[misc]
        """ibis' backend with that compiler."""

        compiler = Compiler()

    return Exact


class ClickHouseEngine(Engine):
    """ClickHouse in this process (chDB).

    Args:
        lake: what is copied in, when a query first asks for a table.
    """

    name = "clickhouse"
    title = "ClickHouse（chDB）"

    def __init__(self, lake: Lake) -> None:
        super().__init__(lake)
        import clickhouse_connect

        self._folder = tempfile.TemporaryDirectory(prefix="taxops-chdb-")
        self._client = clickhouse_connect.get_client(
            interface="chdb", path=str(Path(self._folder.name) / "db")
        )
        self._backend = _backend_class().from_connection(self._client)
        self._client.command("SET join_use_nulls = 1")
        self._made: dict[str, Any] = {}

    @property
    def backend(self) -> Any:
        """Return the ibis backend."""
        return self._backend

    def table(self, name: str, months: Iterable[str] | None = None) -> Expr:
        """Return a table, copied in on first use."""
        del months  # a date is always in the query
        if name not in self._made:
            self._copy(self.lake.schema.table(name))
            self._made[name] = self._backend.table(name)
        return self._made[name]

    def _copy(self, table: Table) -> None:
        columns = ", ".join(f"`{c.name}` Nullable({TYPES[c.kind]})" for c in table.columns.values())
        self._client.command(f"CREATE TABLE `{table.name}` ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        files = self.lake.files(table.name)
        if not files:
            path = Path(self._folder.name) / f"{table.name}.parquet"
            pq.write_table(self.lake.arrow(table.name), path)
            files = [str(path)]
        picked = ", ".join(f"`{c}`" for c in table.columns)
        for path_name in files:
            self._client.command(
                f"INSERT INTO `{table.name}` ({picked}) SELECT {picked} FROM file('{path_name}', Parquet)"
            )

    def run(self, expr: Expr) -> pa.Table:
        """Return the rows as Arrow with ibis' types: ClickHouse answers truth with 0 and 1."""
        return self._client.query_arrow(self.sql(expr)).cast(expr.schema().to_pyarrow())

    def version(self) -> str:
        """Return ClickHouse's version."""
        return str(self._client.command("SELECT version()"))

    def close(self) -> None:
        """Close the client."""
        self._client.close()
        self._folder.cleanup()
