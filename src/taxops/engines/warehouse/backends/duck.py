"""DuckDB over Parquet (默认引擎): a view a table, files picked by month, nothing copied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from taxops.engines.base import later
from taxops.engines.warehouse.batch import DUCKDB
from taxops.engines.warehouse.lake import Lake

from .port import Engine, Expr

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from sqlglot import exp
else:
    ibis = later("ibis")
    exp = later("sqlglot.expressions")


class DuckEngine(Engine):
    """DuckDB in this process (内嵌 DuckDB).

    Args:
        lake: what it reads.
        threads: at most; 0: as many as there are cores.
        memory_limit: DuckDB's own words, for example `2GB`.
    """

    name = "duckdb"
    title = "DuckDB"

    def __init__(self, lake: Lake, *, threads: int = 0, memory_limit: str = "2GB") -> None:
        super().__init__(lake)
        extra: dict[str, Any] = {"threads": threads} if threads else {}
        self._backend = ibis.duckdb.connect(memory_limit=memory_limit, **extra)
        self._db = self._backend.con
        self._db.execute("SET enable_progress_bar = false")
        self._made: dict[str, Any] = {}

    @property
    def backend(self) -> Any:
        """Return the ibis backend."""
        return self._backend

    def table(self, name: str, months: Iterable[str] | None = None) -> Expr:
        """Return a view over the files of a table, or of some of its months."""
        files = self.lake.files(name, months)
        view = name
        if files and months is not None and files != self.lake.files(name):
            view = f"{name}_{hashlib.sha256(repr(files).encode()).hexdigest()[:8]}"
        if view not in self._made:
            self._make(name, view, files)
            self._made[view] = self._backend.table(view)
        return self._made[view]

    def _make(self, name: str, view: str, files: list[str]) -> None:
        columns = self.lake.schema.table(name).columns.values()
        if files:
            listed = "[" + ", ".join("'" + f.replace("'", "''") + "'" for f in files) + "]"
            picked = ", ".join(f'"{c.name}"' for c in columns)
            self._db.execute(
                f'CREATE VIEW "{view}" AS SELECT {picked} FROM read_parquet({listed}, hive_partitioning = false)'
            )
            return
        types = ", ".join(f'"{c.name}" {DUCKDB[c.kind]}' for c in columns)
        self._db.execute(f'CREATE TABLE "{view}" ({types})')
        data = self.lake.arrow(name, None)
        if data.num_rows:
            self._db.register("given", data)
            self._db.execute(f'INSERT INTO "{view}" SELECT * FROM given')
            self._db.unregister("given")

    def run(self, expr: Expr) -> pa.Table:
        """Return the rows of a table expression as Arrow, by the types of the expression.

        DuckDB sums 64-bit integers in 128 bits; a sum that does not fit 64 bits raises instead of wrapping round.
        """
        found = self._db.sql(self._tree(expr).sql(dialect="duckdb")).to_arrow_table()
        return found.cast(expr.as_table().schema().to_pyarrow())

    def sql(self, expr: Expr) -> str:
        """Return the SQL that runs for an expression."""
        return str(self._tree(expr).sql(dialect="duckdb", pretty=True))

    def _tree(self, expr: Expr) -> exp.Expr:
        """Return the syntax tree of an expression's SQL, with conditional counts as DuckDB counts them fastest.

        `COUNT(*) FILTER (WHERE …)` copies the rows that pass, aggregate by aggregate; `COUNT_IF(…)` reads the flags
        where they lie. A pass over invoices with seven conditions costs a quarter less.
        """
        tree: exp.Expr = self._backend.compiler.to_sqlglot(expr.as_table())
        for found in list(tree.find_all(exp.Filter)):
            if isinstance(found.this, exp.Count) and isinstance(found.this.this, exp.Star):
                found.replace(exp.CountIf(this=found.expression.this))
        return tree

    def version(self) -> str:
        """Return DuckDB's version."""
        return str(self._backend.version)

    def close(self) -> None:
        """Close the connection."""
        self._backend.disconnect()
