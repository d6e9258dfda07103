"""Passes: what shares table, time and slice is one scan; only what changed is computed again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from taxops.engines.indicators import FolderStates, Mode, Period, library_of, parse_definition, run
from taxops.engines.warehouse import Batch, Store, StoredLake, load, open_engine

from .shapes import bent
from .small import SCHEMA, oblig, orgs

LIBRARY = library_of([
    parse_definition(bent(code=f"R{n}", num={"where": f"days_between(due, filed_on) <= {n}"}, small_sample=None,
                          modes=["current", "ytd"], checks=None))
    for n in range(6)
])  # fmt: skip
JUNE = Period.parse("2025-06")
CODES = list(LIBRARY.definitions)


def test_adding_a_month_computes_that_month_only(tmp_path: Path) -> None:
    store, states = Store(tmp_path / "w"), FolderStates(tmp_path / "states")
    rows = [oblig(m, 1, 111, date(2025, m, 15), date(2025, m, 15 + m)) for m in range(1, 6)]
    load(store, SCHEMA, Batch("a", {"org": orgs(), "oblig": rows}))
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        first = run(LIBRARY, engine, CODES, Period.parse("2025-05"), Mode.YTD, states=states)
    assert first.work.passes == 5  # a pass a month for six indicators, twelve measures
    load(store, SCHEMA, Batch("b", {"oblig": [oblig(60, 1, 111, date(2025, 6, 15), None)]}))
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        second = run(LIBRARY, engine, CODES, JUNE, Mode.YTD, states=states)
        assert second.work.passes == 1
        fresh = run(LIBRARY, engine, CODES, JUNE, Mode.YTD)
    assert second.results == fresh.results
    assert second.of("R3")[(1,)].num == 3
    assert second.of("R3")[(1,)].den == 6


def test_a_late_row_dirties_its_month_and_the_figures_that_read_it(tmp_path: Path) -> None:
    store, states = Store(tmp_path / "w"), FolderStates(tmp_path / "states")
    load(store, SCHEMA, Batch("a", {"org": orgs(), "oblig": [oblig(1, 1, 111, date(2025, 5, 15), None),
                                                             oblig(2, 1, 111, date(2025, 6, 15), None)]}))  # fmt: skip
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        before = {
            p: run(LIBRARY, engine, ["R1"], Period.parse(p), states=states) for p in ("2025-05", "2025-06")
        }
    load(store, SCHEMA, Batch("b", {"oblig": [oblig(3, 1, 111, date(2025, 5, 20), date(2025, 5, 20))]}))
    with open_engine(StoredLake(store, SCHEMA)) as engine:
        after = {
            p: run(LIBRARY, engine, ["R1"], Period.parse(p), states=states) for p in ("2025-05", "2025-06")
        }
    assert after["2025-06"].work.passes == 0
    assert after["2025-06"].results == before["2025-06"].results
    assert after["2025-05"].work.passes == 1
    assert after["2025-05"].of("R1")[(11,)].den == 2
    assert after["2025-05"].results[0].fingerprint != before["2025-05"].results[0].fingerprint
