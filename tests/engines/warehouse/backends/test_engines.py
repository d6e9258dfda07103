"""Every engine of the gate passes the conformance suite; one that is not installed says what is missing."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

from taxops.engines.base import BadInput, Unavailable
from taxops.engines.warehouse import TRIALS, Settings, conform, conformance_lake, open_engine, primitives
from tests.engines.warehouse.postgres import url


def _settings(name: str) -> Settings:
    return Settings(url() if name == "postgresql" else name)


@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_the_engine_conforms(name: str) -> None:
    with open_engine(conformance_lake(), _settings(name)) as engine:
        wrong = [v for v in conform(engine) if not v.ok]
        assert engine.version()
    assert not wrong
    assert len(TRIALS) >= 20


@pytest.mark.parametrize(("name", "package"), [("spark", "pyspark"), ("chdb", "chdb")])
def test_heavy_engines_conform_where_they_are_installed(name: str, package: str) -> None:
    is_here = find_spec(package) is not None and (name != "spark" or shutil.which("java"))
    if not is_here:
        with pytest.raises(Unavailable, match=package):
            open_engine(conformance_lake(), Settings(name))
        return
    with open_engine(conformance_lake(), Settings(name)) as engine:
        assert not [v for v in conform(engine) if not v.ok]


def test_unknown_and_unreachable_engines() -> None:
    with pytest.raises(BadInput, match="没有名为「oracle」"):
        open_engine(conformance_lake(), Settings("oracle"))
    with pytest.raises(Unavailable, match="连不上 PostgreSQL"):
        open_engine(conformance_lake(), Settings("postgresql://127.0.0.1:1/x?connect_timeout=2"))


def test_duckdb_counts_by_flags_and_shows_the_sql_that_runs() -> None:
    with open_engine(conformance_lake()) as engine:
        trial = engine.table("trial")
        late = primitives.rows(trial, trial.done > trial.day)  # empty for four of the six rows
        counted = trial.group_by("grp").aggregate(n=late, w=primitives.rows(trial))
        assert "COUNT_IF(" in engine.sql(counted)
        found = engine.run(counted)
    assert {r["grp"]: (r["n"], r["w"]) for r in found.to_pylist()} == {
        "甲": (1, 3),
        "乙": (1, 2),
        "丙": (0, 1),
    }
    assert [str(t) for t in found.schema.types] == ["string", "int64", "int64"]
