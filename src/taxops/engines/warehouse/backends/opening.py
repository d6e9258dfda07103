"""One setting chooses the engine (引擎设置): `duckdb`, `postgresql://…`, `spark`, `spark://…`, `chdb`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec

from taxops.engines.base import BadInput, Unavailable
from taxops.engines.warehouse.lake import Lake

from .duck import DuckEngine
from .port import Engine


@dataclass(frozen=True, slots=True)
class Settings:
    """Which engine, and what it may use (引擎设置).

    Args:
        engine: `duckdb` (default), `postgresql://…`, `spark`, `spark://…`, `chdb`.
        threads: for DuckDB; 0: all cores.
        memory_limit: for DuckDB.
    """

    engine: str = "duckdb"
    threads: int = 0
    memory_limit: str = "2GB"


def spellings() -> dict[str, str]:
    """Return how each engine is named in the setting, and its title."""
    return {
        "duckdb": "DuckDB（默认）",
        "postgresql://…": "PostgreSQL",
        "spark": "Spark（本机）",
        "spark://…": "Spark 集群",
        "chdb": "ClickHouse（chDB）",
    }


def open_engine(lake: Lake, settings: Settings | None = None) -> Engine:
    """Return the engine of the settings, opened over a lake.

    Raises:
        BadInput: no such engine.
        Unavailable: the engine is not installed here, or does not answer; the message names what is missing.
    """
    settings = settings or Settings()
    word = settings.engine
    if word == "duckdb":
        return DuckEngine(lake, threads=settings.threads, memory_limit=settings.memory_limit)
    if word.startswith(("postgresql://", "postgres://")):
        from .postgres import PostgresEngine

        return PostgresEngine(lake, word)
    if word == "spark" or word.startswith("spark://"):
        _need(["pyspark", "py4j"], ["java"], "Spark")
        from .spark import SparkEngine

        return SparkEngine(lake, master="local[2]" if word == "spark" else word)
    if word in {"chdb", "clickhouse"}:
        _need(["chdb", "clickhouse_connect"], [], "ClickHouse（chDB）")
        from .clickhouse import ClickHouseEngine

        return ClickHouseEngine(lake)
    raise BadInput(f"没有名为「{word}」的计算引擎。", f"可用的有：{'、'.join(spellings())}。", field="engine")


def _need(packages: list[str], programmes: list[str], title: str) -> None:
    """Name what is missing.

    Raises:
        Unavailable: something is.
    """
    missing = [f"Python 包 {p.replace('_', '-')}" for p in packages if find_spec(p) is None]
    missing += [f"程序 {p}" for p in programmes if shutil.which(p) is None]
    if missing:
        raise Unavailable(
            f"{title} 不能用：这台机器缺少 {'、'.join(missing)}。", "它们较大，不在默认安装里；装好后重试。"
        )
