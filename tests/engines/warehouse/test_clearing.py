"""Only an engine whose release passed the present suite computes; what was shipped is what is locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from taxops.engines.base import BadInput, Unavailable
from taxops.engines.warehouse import (
    Batch,
    Settings,
    Store,
    StoredLake,
    clear,
    clearing,
    conform,
    conformance_lake,
    demand_clearance,
    load,
    open_engine,
    shipped_clearances,
)
from taxops.engines.warehouse.clearing import recorded, suite
from tests.engines.indicators.small import SCHEMA, orgs
from tests.engines.warehouse.postgres import url

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", ["duckdb", "postgresql"])
def test_the_locked_engines_are_cleared_for_the_present_suite(name: str) -> None:
    with open_engine(conformance_lake(), Settings(url() if name == "postgresql" else name)) as engine:
        demand_clearance(engine)
        assert engine.cleared
    assert {c.suite for c in shipped_clearances()} == {
        suite()
    }  # run the suite again and record it, then this holds


@pytest.fixture
def stored(tmp_path: Path) -> StoredLake:
    load(Store(tmp_path / "w"), SCHEMA, Batch("a", {"org": orgs()}))
    return StoredLake(Store(tmp_path / "w"), SCHEMA)


def test_a_release_nobody_tested_is_refused_until_it_passes(
    stored: StoredLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = stored.store.root
    with open_engine(stored) as engine, open_engine(conformance_lake()) as trial:
        monkeypatch.setattr(type(engine), "version", lambda _: "9.9.9")
        with pytest.raises(Unavailable, match=r"DuckDB 9\.9\.9 没有通过现行的一致性检验") as refused:
            demand_clearance(engine)
        assert "taxops warehouse conform" in str(refused.value.todo)
        verdicts = conform(trial)
        with pytest.raises(BadInput, match="1 项检验没有通过：中位数"):
            clear(trial, [replace(v, ok=v.name != "median") for v in verdicts], root, NOW)
        with pytest.raises(BadInput, match="没有通过"):
            clear(trial, verdicts[1:], root, NOW)
        assert not recorded(root)
        assert clear(trial, verdicts, root, NOW).release == "9.9.9"
        demand_clearance(engine)
        # a suite that has changed since asks again
        engine.cleared = False
        monkeypatch.setattr(clearing, "suite", lambda: "another")
        with pytest.raises(Unavailable):
            demand_clearance(engine)


def test_a_torn_record_gives_no_leave(stored: StoredLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "shipped_clearances", tuple)
    (stored.store.root / "clearances.json").write_text('[{"engine": "duckdb"')
    with open_engine(stored) as engine, pytest.raises(Unavailable):
        demand_clearance(engine)
