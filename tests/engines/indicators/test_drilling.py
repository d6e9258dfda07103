"""Drilled records: their count is the numerator, they aggregate to both sides, and they are masked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from taxops.engines.base import BadInput
from taxops.engines.indicators import Agg, Period, drill, mask, run
from taxops.engines.warehouse import MemoryLake, open_engine

from .small import SCHEMA, codes, lakes, library, oblig, orgs
from .test_running import hand_made

JUNE = Period.parse("2025-06")


@settings(max_examples=1, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(lakes())
def test_drilled_rows_aggregate_to_both_sides(lake: MemoryLake) -> None:
    with open_engine(lake) as engine:
        measured = [c for c in codes() if library().get(c).num is not None]
        found = run(library(), engine, measured, JUNE)
        for code in measured:
            d = library().get(code)
            results = found.of(code)
            levels = [(1,), (11,), (111,)] if code in {"ontime", "receipts"} else [(11,)]
            subjects = levels if d.subject.value == "org" else list(results)[:1]
            for subject in subjects:
                for side, expected in (("num", results[subject].num), ("den", results[subject].den)):
                    measure = getattr(d, side)
                    if measure is None:
                        continue
                    records = drill(library(), engine, code, JUNE, subject, side=side, limit=0)
                    assert records.aggregate == expected, (code, subject, side)
                    if measure.agg is Agg.COUNT:
                        assert records.total == expected


def test_a_page_of_records_is_masked_until_revealed() -> None:
    with open_engine(hand_made()) as engine:
        page = drill(library(), engine, "receipts", JUNE, (11,), limit=1, offset=1)
        assert [c.title for c in page.columns] == ["入库编号", "税种", "入库日", "入库税额", "计入值"]
        assert page.total == 2
        assert page.rows[0][0] == 2
        assert page.aggregate == 15_000
        assert "SELECT" in page.sql
        with pytest.raises(BadInput, match="ontime、general"):
            drill(library(), engine, "gap", JUNE, (11,))
        with pytest.raises(BadInput, match="没有可下钻"):
            drill(library(), engine, "receipts", JUNE, (11,), side="den")


def test_names_of_taxpayers_are_masked() -> None:
    taxpayer = {
        "tp_id": 1, "valid_from": date(2020, 1, 1), "uscc": "91220101MA0Y1234X7", "name": "甲市一号公司", "org_id": 111,
        "vat_kind": "general", "individual": False, "industry": "F", "reg_date": date(2020, 1, 1), "status": "normal",
        "addr_id": 1, "size": "small",
    }  # fmt: skip
    rows = [oblig(1, 1, 111, date(2025, 6, 16), None)]
    with open_engine(MemoryLake(SCHEMA, {"org": orgs(), "tp": [taxpayer], "oblig": rows})) as engine:
        (hidden,) = drill(library(), engine, "ontime", JUNE, (1,), side="den").rows
        (shown,) = drill(library(), engine, "ontime", JUNE, (1,), side="den", reveal=True).rows
    assert hidden[:3] == (1, "91" + "*" * 14 + "X7", "甲市**公司")
    assert shown[:3] == (1, "91220101MA0Y1234X7", "甲市一号公司")


def test_masks() -> None:
    assert [mask(v) for v in (None, "甲", "甲乙丙", "13900001111")] == [None, "甲", "甲**", "13*******11"]
