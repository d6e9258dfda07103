"""The warehouse (数据仓库): typed tables over partitioned Parquet, on DuckDB or another engine by one setting."""

from . import primitives
from .backends import Engine, Settings, open_engine, spellings
from .batch import Batch, Rows, Source, arrow_schema, rows_from_csv
from .clearing import Clearance, clear, demand_clearance, shipped_clearances
from .conformance import TRIALS, Trial, Verdict, conform
from .conformance import lake as conformance_lake
from .lake import Lake, MemoryLake, StoredLake
from .loading import LoadReport, load
from .schema import Column, Kind, Schema, Table, parse_schema, shipped_schema
from .store import WHOLE, LoadEntry, Manifest, Partition, Store

__all__ = [
    "TRIALS",
    "WHOLE",
    "Batch",
    "Clearance",
    "Column",
    "Engine",
    "Kind",
    "Lake",
    "LoadEntry",
    "LoadReport",
    "Manifest",
    "MemoryLake",
    "Partition",
    "Rows",
    "Schema",
    "Settings",
    "Source",
    "Store",
    "StoredLake",
    "Table",
    "Trial",
    "Verdict",
    "arrow_schema",
    "clear",
    "conform",
    "conformance_lake",
    "demand_clearance",
    "load",
    "open_engine",
    "parse_schema",
    "primitives",
    "rows_from_csv",
    "shipped_clearances",
    "shipped_schema",
    "spellings",
]
