"""External figures: the newest version counts, what was given is not added again."""

from __future__ import annotations

from datetime import date
from typing import Any

from taxops.engines.indicators import Period, parse_definition
from taxops.engines.indicators.external import external_values
from taxops.engines.indicators.rolling import read_tree
from taxops.engines.indicators.valuing import Value
from taxops.engines.warehouse import MemoryLake, open_engine

from .shapes import bent
from .small import SCHEMA, orgs
from .test_validating import BARE


def given(
    org: int, month: int, value: float, num: float | None = None, den: float | None = None, version: int = 1
) -> dict[str, Any]:
    return {"dataset": "d", "item": "i", "org_id": org, "month": date(2025, month, 1), "version": version,
            "value": value, "num": num, "den": den}  # fmt: skip


def found(period: str, rows: list[dict[str, Any]], unit: str = "percent") -> dict[int, Value]:
    d = parse_definition(bent(**{**BARE, "kind": "external", "dataset": "d", "item": "i", "unit": unit}))
    with open_engine(MemoryLake(SCHEMA, {"org": orgs(), "ext_value": rows})) as engine:
        return external_values(engine, d, Period.parse(period), read_tree(engine))


def test_parts_roll_up_and_given_figures_win() -> None:
    rows = [given(111, 6, 0.5, 1, 2), given(112, 6, 0.25, 1, 4), given(11, 6, 0.9, 9, 10), given(121, 6, 0.1, 1, 10),
            given(121, 6, 0.2, 2, 10, version=2), given(121, 5, 0.5, 5, 10)]  # fmt: skip
    june = found("2025-06", rows)
    assert june[11] == Value(9, 10, 0.9)
    assert june[121] == june[12] == Value(2, 10, 0.2)
    assert june[1] == Value(11, 20, 0.55)
    assert found("2025Q2", rows)[12] == Value(7, 20, 0.35)


def test_plain_values_do_not_average_and_sums_add() -> None:
    rows = [given(111, 5, 80.0), given(111, 6, 90.0), given(112, 6, 70.0)]
    scores = found("2025Q2", rows, "number")
    assert scores == {111: Value(None, None, 90.0), 112: Value(None, None, 70.0)}
    assert found("2025Q2", rows, "fen")[11].value == 240.0
