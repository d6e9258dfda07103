"""PostgreSQL (可选引擎): the warehouse's months copied in once per version, then the same expressions."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv

from taxops.engines.base import Unavailable
from taxops.engines.warehouse.lake import Lake
from taxops.engines.warehouse.schema import Kind

from .port import Engine, Expr

TYPES = {
    Kind.INT: "bigint", Kind.FEN: "bigint", Kind.FLOAT: "double precision", Kind.TEXT: "text",
    Kind.BOOL: "boolean", Kind.DATE: "date", Kind.DATETIME: "timestamp",
}  # fmt: skip
SCHEMA = "taxops_warehouse"


class PostgresEngine(Engine):
    """A PostgreSQL server that holds a copy of what queries touch (PostgreSQL).

    Args:
        lake: what is copied, when a query first asks for a table.
        url: `postgresql://…`.
        schema: the database schema to keep the copies in.

    Raises:
        Unavailable: the server does not answer.
    """

    name = "postgresql"
    title = "PostgreSQL"

    def __init__(self, lake: Lake, url: str, *, schema: str = SCHEMA) -> None:
        super().__init__(lake)
        self._schema = schema
        try:
            self._db = psycopg.connect(url, autocommit=True)
        except psycopg.Error as error:
            raise Unavailable(
                f"连不上 PostgreSQL：{str(error).strip().splitlines()[0]}。", "请检查地址和账号。"
            ) from error
        self._db.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        self._db.execute(
            f'CREATE TABLE IF NOT EXISTS "{schema}"._copied '
            "(name text, month text, version bigint, PRIMARY KEY (name, month))"
        )
        self._backend = ibis.postgres.connect(**_parts(url), schema=schema)
        self._made: dict[str, Any] = {}

    @property
    def backend(self) -> Any:
        """Return the ibis backend."""
        return self._backend

    def table(self, name: str, months: Iterable[str] | None = None) -> Expr:
        """Return a table, after copying the months that changed since they were copied."""
        del months  # a date column is always in the query; the server finds the rows
        if name not in self._made:
            self._copy(name)
            self._made[name] = self._backend.table(name)
        return self._made[name]

    def _copy(self, name: str) -> None:
        table = self.lake.schema.table(name)
        where = f'"{self._schema}"."{name}"'
        columns = ", ".join(f'"{c.name}" {TYPES[c.kind]}' for c in table.columns.values())
        with self._db.transaction():
            self._db.execute(f"CREATE TABLE IF NOT EXISTS {where} ({columns}, _month text)")
            copied: dict[str, int] = dict(
                self._db.execute(
                    f'SELECT month, version FROM "{self._schema}"._copied WHERE name = %s', [name]
                ).fetchall()
            )
            wanted = self.lake.versions(name)
            for month in sorted(set(copied) | set(wanted)):
                if copied.get(month) == wanted.get(month):
                    continue
                self._db.execute(f"DELETE FROM {where} WHERE _month = %s", [month])
                self._db.execute(
                    f'DELETE FROM "{self._schema}"._copied WHERE name = %s AND month = %s', [name, month]
                )
                if month in wanted:
                    self._fill(where, month, self.lake.arrow(name, [month]))
                    self._db.execute(
                        f'INSERT INTO "{self._schema}"._copied VALUES (%s, %s, %s)',
                        [name, month, wanted[month]],
                    )
        self._db.execute(f"ANALYZE {where}")

    def _fill(self, where: str, month: str, data: pa.Table) -> None:
        data = data.append_column("_month", pa.array([month] * data.num_rows, pa.string()))
        options = pa_csv.WriteOptions(include_header=False)
        with self._db.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN (FORMAT csv)") as copy:
            for chunk in data.to_batches(max_chunksize=100_000):
                sink = io.BytesIO()
                pa_csv.write_csv(chunk, sink, options)
                copy.write(sink.getvalue())

    def version(self) -> str:
        """Return the server's version."""
        return str(self._db.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]

    def close(self) -> None:
        """Close both connections."""
        self._backend.disconnect()
        self._db.close()


def _parts(url: str) -> dict[str, Any]:
    """Return a URL as ibis wants it."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    names = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
    return {names[k]: (int(str(v)) if k == "port" else v) for k, v in info.items() if k in names}
