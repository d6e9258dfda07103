"""Engines that can run the warehouse's queries (计算引擎): DuckDB, PostgreSQL, Spark, ClickHouse."""

from .opening import Settings, open_engine, spellings
from .port import Engine

__all__ = ["Engine", "Settings", "open_engine", "spellings"]
