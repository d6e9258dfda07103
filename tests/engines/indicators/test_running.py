"""Running: worked figures by hand, and properties that must hold on any data and engine."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from taxops.engines.base import BadInput, NotFound, Unavailable
from taxops.engines.indicators import (
    MemoryStates,
    Mode,
    Period,
    Result,
    Run,
    State,
    library_of,
    parse_definition,
    run,
)
from taxops.engines.warehouse import Engine, MemoryLake, Settings, open_engine
from tests.engines.warehouse.postgres import url

from .shapes import bent
from .small import SCHEMA, codes, lakes, library, oblig, orgs, payment

JUNE = Period.parse("2025-06")
SLOW = settings(
    max_examples=2, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)


def numbers(found: Run) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return what must not differ between two ways of computing."""
    return {(r.code, r.subject): (r.num, r.den, r.value, r.state) for r in found.results}


def by_hand(lake: MemoryLake, engine: Engine, code: str, unit: int, period: Period = JUNE) -> Result:
    del lake
    return run(library(), engine, [code], period).of(code)[(unit,)]


def hand_made() -> MemoryLake:
    due = date(2025, 6, 16)
    return MemoryLake(SCHEMA, {
        "org": orgs(),
        "tp_status_event": [
            {"tp_id": 3, "on": date(2025, 6, 10), "status": "suspended", "source": "x"},
            {"tp_id": 4, "on": date(2025, 6, 17), "status": "suspended", "source": "x"},
        ],
        "oblig": [
            oblig(1, 1, 111, due, due),                       # on time, on the last day
            oblig(2, 2, 1111, due, due + timedelta(days=1)),  # one day late
            oblig(3, 3, 1111, due, None),                     # suspended before it fell due: not counted
            oblig(4, 4, 112, due, None),                      # suspended the day after: counted, not filed
            oblig(5, 5, 121, due, due, obliged=False),        # not obliged
            oblig(6, 1, 111, date(2025, 5, 31), None),        # another month
            oblig(7, 1, 111, date(2025, 7, 1), None),
        ],
        "payment": [
            payment(1, 111, date(2025, 6, 30), 10_000, due=date(2025, 6, 20), late_fee=40),
            payment(2, 1111, date(2025, 6, 1), 5_000),
            payment(3, 121, date(2024, 6, 30), 7_000),
            payment(4, 121, date(2025, 5, 1), 2_500),
        ],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("code", "unit", "num", "den", "value", "state"),
    [
        ("ontime", 1111, 0, 1, 0.0, State.SMALL),
        ("ontime", 111, 1, 2, 0.5, State.SMALL),
        ("ontime", 11, 1, 3, 1 / 3, State.TRUSTED),
        ("ontime", 1, 1, 3, 1 / 3, State.TRUSTED),
        ("ontime", 121, 0, 0, None, State.NOT_APPLICABLE),
        ("late30", 1, 0, 1, 0.0, State.TRUSTED),  # due from 2 May to 1 June: number 6
        ("receipts", 11, 15_000, None, 15_000, State.TRUSTED),
        ("receipts", 12, 0, None, 0, State.TRUSTED),
        ("fee", 11, 40, 57.5, 40 / 57.5, State.TRUSTED),  # (10,000×10 + 5,000×3)×5 ÷ 10,000
        ("year_receipts", 1, 17_500, None, 17_500, State.TRUSTED),
        ("last_year", 12, 7_000, None, 7_000, State.TRUSTED),
        ("growth", 1, 5.0, None, 5.0, State.TRUSTED),
        ("share_of_year", 1, 15_000, 17_500, 15_000 / 17_500, State.TRUSTED),
        ("alarm", 11, 1, 1, 1, State.TRUSTED),
        ("expert", 11, 1, 4, 0.25, State.TRUSTED),
        ("biggest", 11, 10_000, None, 10_000, State.TRUSTED),
        ("biggest", 121, None, None, None, State.MISSING),
        ("survey", 1, None, None, None, State.MISSING),
        ("median", 1, None, 0, None, State.MISSING),
    ],
)
def test_worked_figures(code: str, unit: int, num: Any, den: Any, value: Any, state: State) -> None:
    lake = hand_made()
    with open_engine(lake) as engine:
        found = by_hand(lake, engine, code, unit)
    assert (found.num, found.den, found.state) == (num, den, state), found
    assert found.value == pytest.approx(value)


def test_year_to_date_quarters_and_taxpayers() -> None:
    with open_engine(hand_made()) as engine:
        ytd = run(library(), engine, ["receipts"], JUNE, Mode.YTD).of("receipts")[(1,)]
        quarter = run(library(), engine, ["receipts"], Period.parse("2025Q2")).of("receipts")[(1,)]
        people = run(library(), engine, ["perhead"], JUNE).of("perhead")
        with pytest.raises(BadInput, match="没有本年累计口径"):
            run(library(), engine, ["fee"], JUNE, Mode.YTD)
        with pytest.raises(NotFound, match="没有代码为「nothing」"):
            run(library(), engine, ["nothing"], JUNE)
    assert ytd.num == quarter.num == 17_500
    assert {k: r.num for k, r in people.items()} == {(1,): 1, (2,): 1, (5,): 1}  # those with rows that count


def test_an_empty_period_is_missing_everywhere() -> None:
    lake = MemoryLake(SCHEMA, {"org": orgs()})
    with open_engine(lake) as engine:
        found = run(library(), engine, ["ontime", "receipts", "gap", "growth"], JUNE)
    assert {r.state for r in found.results} == {State.MISSING}
    assert all(r.value is None for r in found.results)


def test_a_grain_shorter_than_published_is_refused() -> None:
    yearly = library_of([parse_definition(bent(grain="year"))])
    with open_engine(hand_made()) as engine, pytest.raises(BadInput, match="按年统计"):
        run(yearly, engine, ["C101"], JUNE)


@SLOW
@given(lakes())
def test_fused_scans_equal_separate_queries_and_kept_states(lake: MemoryLake) -> None:
    with open_engine(lake) as engine:
        states = MemoryStates()
        fused = run(library(), engine, codes(), JUNE, states=states)
        again = run(library(), engine, codes(), JUNE, states=states)
        apart = run(library(), engine, codes(), JUNE, fused=False)
    assert numbers(fused) == numbers(apart) == numbers(again)
    assert again.work.passes == 0
    assert fused.work.passes < apart.work.passes / 1.5
    assert [r.fingerprint for r in fused.results] == [r.fingerprint for r in apart.results]


@SLOW
@given(lakes())
def test_roll_up_equals_direct_computation_at_every_level(lake: MemoryLake) -> None:
    """Move all rows of a subtree to its top unit and compute there: the same numerator and denominator."""
    measured = [
        c for c in codes() if library().get(c).num is not None and library().get(c).subject.value == "org"
    ]
    with open_engine(lake) as engine:
        whole = run(library(), engine, measured, JUNE)
    for top, below in {
        1: {1, 11, 12, 111, 112, 121, 1111},
        11: {11, 111, 112, 1111},
        111: {111, 1111},
    }.items():
        moved = {}
        for table in ("org", "tp", "tp_status_event", "oblig", "payment", "ticket", "hit", "arrears_m"):
            rows = lake.arrow(table).to_pylist()
            if table != "org":
                rows = [{**r, "org_id": top} if r.get("org_id") in below else r for r in rows]
            moved[table] = rows
        with open_engine(MemoryLake(SCHEMA, moved)) as engine:
            direct = run(library(), engine, measured, JUNE)
        for code in measured:
            a, b = whole.of(code)[(top,)], direct.of(code)[(top,)]
            assert (a.num, a.den) == (b.num, b.den), (code, top)


@SLOW
@given(lakes())
def test_duckdb_equals_postgresql_on_the_whole_battery(lake: MemoryLake) -> None:
    with open_engine(lake) as duck, open_engine(lake, Settings(url())) as postgres:
        assert numbers(run(library(), duck, codes(), JUNE)) == numbers(
            run(library(), postgres, codes(), JUNE)
        )


def test_an_engine_without_clearance_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_engine(hand_made()) as engine:
        monkeypatch.setattr(type(engine), "version", lambda _: "0.0.1")
        with pytest.raises(Unavailable, match=r"DuckDB 0\.0\.1 没有通过现行的一致性检验，不能用来计算指标"):
            run(library(), engine, codes()[:1], Period.parse("2025-06"))
