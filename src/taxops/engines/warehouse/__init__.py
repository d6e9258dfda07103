"""The warehouse (数据仓库): typed tables over partitioned Parquet, on DuckDB or another engine by one setting."""

from .schema import Column, Kind, Schema, Table, parse_schema, shipped_schema

__all__ = ["Column", "Kind", "Schema", "Table", "parse_schema", "shipped_schema"]
