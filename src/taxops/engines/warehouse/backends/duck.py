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
else:
    ibis = later("ibis")


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

    def version(self) -> str:
        """Return DuckDB's version."""
        return str(self._backend.version)

    def close(self) -> None:
        """Close the connection."""
        self._backend.disconnect()
