"""Spark (可选引擎): views over the same Parquet files. Needs the pyspark package and Java; not in the lock."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from taxops.engines.warehouse.lake import Lake

from .port import Engine, Expr


class SparkEngine(Engine):
    """Spark on this machine or a cluster (Spark).

    Args:
        lake: what it reads; a cluster must see the same files.
        master: Spark's own words, for example `local[2]` or `spark://…`.
    """

    name = "spark"
    title = "Spark"

    def __init__(self, lake: Lake, *, master: str = "local[2]") -> None:
        super().__init__(lake)
        from pyspark.sql import SparkSession

        self._folder = tempfile.TemporaryDirectory(prefix="taxops-spark-")
        self._session = (
            SparkSession.builder.master(master)
            .appName("taxops")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.warehouse.dir", self._folder.name)
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )
        self._session.sparkContext.setLogLevel("ERROR")
        self._backend = ibis.pyspark.connect(self._session)
        self._made: dict[str, Any] = {}

    @property
    def backend(self) -> Any:
        """Return the ibis backend."""
        return self._backend

    def table(self, name: str, months: Iterable[str] | None = None) -> Expr:
        """Return a view over a table's files; tables in memory are written to a temporary file first."""
        del months  # row groups are pruned by the date in the query
        if name not in self._made:
            files = self.lake.files(name)
            if not files:
                path = Path(self._folder.name) / f"{name}.parquet"
                pq.write_table(self.lake.arrow(name), path)
                files = [str(path)]
            self._session.read.parquet(*files).createOrReplaceTempView(name)
            self._made[name] = self._backend.table(name)
        return self._made[name]

    def run(self, expr: Expr) -> pa.Table:
        """Return the rows as Arrow, not by way of pandas, which turns nullable integers into floats."""
        return self._session.sql(self.sql(expr)).toArrow()

    def version(self) -> str:
        """Return Spark's version."""
        return str(self._session.version)

    def close(self) -> None:
        """Stop the session."""
        self._session.stop()
        self._folder.cleanup()
