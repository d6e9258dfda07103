"""What an engine reads (数据来源): the files that a manifest names, or tables in memory for fixtures and trials."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from taxops.engines.base import later

from .batch import Rows, arrow_schema, as_arrow
from .schema import Schema
from .store import WHOLE, Manifest, Store

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = later("pyarrow")
    pq = later("pyarrow.parquet")


class Lake(Protocol):
    """Typed tables, by month."""

    schema: Schema

    def months(self, table: str) -> list[str]:
        """Return the months of a table that hold data; `all` for tables in one piece."""

    def versions(self, table: str, months: Iterable[str] | None = None) -> dict[str, int]:
        """Return month → version; equal versions, equal content."""

    def files(self, table: str, months: Iterable[str] | None = None) -> list[str]:
        """Return the Parquet files, by absolute path; empty for tables in memory."""

    def arrow(self, table: str, months: Iterable[str] | None = None) -> pa.Table:
        """Return the rows as Arrow."""


class StoredLake:
    """The warehouse as one manifest shows it (已装载的数据)."""

    def __init__(self, store: Store, schema: Schema, manifest: Manifest | None = None) -> None:
        self.store = store
        self.schema = schema
        self.manifest = manifest or store.manifest()

    def months(self, table: str) -> list[str]:
        """Return the months of a table that hold data."""
        return sorted(self.manifest.partitions(table))

    def versions(self, table: str, months: Iterable[str] | None = None) -> dict[str, int]:
        """Return month → version of the partitions that are there."""
        return self.manifest.versions(table, months)

    def files(self, table: str, months: Iterable[str] | None = None) -> list[str]:
        """Return the Parquet files, by absolute path."""
        wanted = None if months is None or WHOLE in self.manifest.partitions(table) else months
        return [str(self.store.path(f)) for f in self.manifest.files(table, wanted)]

    def arrow(self, table: str, months: Iterable[str] | None = None) -> pa.Table:
        """Return the rows as Arrow."""
        schema = arrow_schema(self.schema.table(table))
        parts = [
            pq.read_table(f, partitioning=None).select(schema.names).cast(schema)
            for f in self.files(table, months)
        ]
        return pa.concat_tables(parts) if parts else schema.empty_table()


class MemoryLake:
    """Tables in memory (内存数据): fixtures of definitions and small trials.

    Args:
        schema: all tables.
        tables: table → rows; tables that are left out are empty.

    Raises:
        BadInput: a row that does not fit.
    """

    def __init__(self, schema: Schema, tables: Mapping[str, Rows]) -> None:
        self.schema = schema
        self._tables = {n: as_arrow(schema.table(n), rows) for n, rows in tables.items()}

    def months(self, table: str) -> list[str]:
        """Return the one partition."""
        return [WHOLE] if table in self._tables else []

    def versions(self, table: str, months: Iterable[str] | None = None) -> dict[str, int]:
        """Return a version made from the content."""
        del months
        if table not in self._tables:
            return {}
        text = str(self._tables[table].to_pylist()).encode()
        return {WHOLE: int.from_bytes(hashlib.sha256(text).digest()[:6])}

    def files(self, table: str, months: Iterable[str] | None = None) -> list[str]:
        """Return nothing: there are no files."""
        del table, months
        return []

    def arrow(self, table: str, months: Iterable[str] | None = None) -> pa.Table:
        """Return the rows as Arrow."""
        del months
        found = self._tables.get(table)
        return arrow_schema(self.schema.table(table)).empty_table() if found is None else found
