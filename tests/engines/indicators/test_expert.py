"""Expert SQL: the days and parameters are put in as literals, in the engine's dialect."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.engines.indicators import Period, library_of, parse_definition, run
from taxops.engines.indicators.expert import sql_inputs, sql_text
from taxops.engines.warehouse import MemoryLake, Settings, open_engine
from tests.engines.warehouse.postgres import url

from .shapes import bent
from .small import SCHEMA, orgs, payment
from .test_validating import BARE

SQL = """
with big as (select org_id, amount, date_trunc('month', paid_on) as m from payment
             where paid_on >= $start and paid_on < $next)
select org_id as subject, sum(case when amount > $least then amount else 0 end) as num, sum(amount) as den
from big group by org_id
"""
EXPERT = parse_definition(bent(**{**BARE, "sql": SQL, "params": {"least": 1000}}))
PAID = [(1, 111, date(2025, 6, 1), 5000), (2, 112, date(2025, 6, 30), 1000), (3, 112, date(2025, 7, 1), 9000)]
LAKE = MemoryLake(SCHEMA, {"org": orgs(), "payment": [payment(*p) for p in PAID]})


@pytest.mark.parametrize("engine_name", ["duckdb", "postgresql"])
def test_it_runs_alike(engine_name: str) -> None:
    with open_engine(LAKE, Settings(url() if engine_name == "postgresql" else engine_name)) as engine:
        found = run(library_of([EXPERT]), engine, ["C101"], Period.parse("2025-06"))
        text = sql_text(engine, EXPERT, Period.parse("2025-06"))
    result = found.of("C101")
    assert (result[(11,)].num, result[(11,)].den) == (5000, 6000)
    assert (result[(121,)].num, result[(121,)].den) == (0, 0)
    assert "2025-06-01" in text
    assert "$" not in text


def test_its_inputs_are_the_tables_it_reads() -> None:
    with open_engine(LAKE) as engine:
        assert set(sql_inputs(engine, EXPERT, Period.parse("2025-06"))) == {"payment"}


def test_comments_do_not_reach_the_engine() -> None:
    told = SQL.replace("with big", "-- */ drop table payment; /*\nwith big /* 说明 */")
    d = parse_definition(bent(**{**BARE, "sql": told, "params": {"least": 1000}}))
    with open_engine(LAKE) as engine:
        text = sql_text(engine, d, Period.parse("2025-06"))
    assert "drop" not in text.lower()
    assert "说明" not in text
