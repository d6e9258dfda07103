"""Explain computes again and gets the same; what moved a ratio adds up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from taxops.engines.base import NotFound
from taxops.engines.indicators import MemoryStates, Period, explain
from taxops.engines.warehouse import MemoryLake, open_engine

from .small import SCHEMA, lakes, library, oblig, orgs
from .test_running import hand_made

JUNE = Period.parse("2025-06")


@settings(max_examples=1, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(lakes())
def test_every_number_is_computed_again(lake: MemoryLake) -> None:
    states = MemoryStates()
    with open_engine(lake) as engine:
        for code in ["ontime", "fee", "median", "gap", "expert", "flagged", "survey", "alarm"]:
            found = explain(library(), engine, code, JUNE, (11,), states=states, samples=2)
            assert found.same, code
            if found.change is not None:
                assert found.result.value is not None
                moved = found.change.before + found.change.rate + found.change.mix
                assert moved == pytest.approx(float(found.result.value))


def test_what_an_explanation_shows() -> None:
    with open_engine(hand_made()) as engine:
        found = explain(library(), engine, "late30", JUNE, (1,))
        assert found.params["grace"].source == "试行办法第三条"
        assert "oblig" in found.partitions
        assert any("30" in s for s in found.sql)
        assert found.num is not None
        assert found.den is not None
        assert (found.num.total, found.den.total) == (found.result.num, found.result.den) == (0, 1)
        assert [str(o.column) for o in found.columns["late30"]] == ["due", "filed_on", "org_id"]
        parts = explain(library(), engine, "gap", JUNE, (11,)).components
        assert [r.code for r in parts] == ["ontime", "general"]
        assert explain(library(), engine, "expert", JUNE, (11,)).sql[0].startswith("SELECT")
        with pytest.raises(NotFound, match="没有这个对象"):
            explain(library(), engine, "late30", JUNE, (99,))


def test_a_ratio_moves_by_rate_and_by_mix() -> None:
    """May: 111 one of two, 112 one of one. June: 111 one of two, 112 two of four: its rate fell, its share grew."""
    may, june = date(2025, 5, 16), date(2025, 6, 16)
    rows = [
        *(oblig(n, 1, 111, may, may if n == 0 else None) for n in range(2)),
        oblig(5, 1, 112, may, may),
        *(oblig(10 + n, 1, 111, june, june if n == 0 else None) for n in range(2)),
        *(oblig(20 + n, 1, 112, june, june if n < 2 else None) for n in range(4)),
    ]
    with open_engine(MemoryLake(SCHEMA, {"org": orgs(), "oblig": rows})) as engine:
        change = explain(library(), engine, "ontime", JUNE, (11,)).change
    assert change is not None
    assert change.before == pytest.approx(2 / 3)
    assert change.rate == pytest.approx(4 / 6 * (0.5 - 1.0))
    assert change.mix == pytest.approx((2 / 6 - 2 / 3) * 0.5 + (4 / 6 - 1 / 3) * 1.0)
