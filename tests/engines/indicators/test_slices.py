"""Which days are looked at, and what of the warehouse is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taxops.engines.indicators import Measure, Mode, Period, parse_definition
from taxops.engines.indicators.slices import Part, inputs_of, part_of, slices_of
from taxops.engines.warehouse import Batch, Store, StoredLake, load

from .shapes import bent
from .small import SCHEMA, oblig

QUARTER, MAY = Period.parse("2025Q2"), Period.parse("2025-05")


def days(measure: Measure, period: Period, mode: Mode = Mode.CURRENT) -> list[str]:
    return [f"{s.start:%m%d}-{s.next:%m%d}" for s in slices_of(Part(measure), period, mode)]


@pytest.mark.parametrize(
    ("more", "period", "mode", "expected"),
    [
        ({}, QUARTER, Mode.CURRENT, ["0401-0501", "0501-0601", "0601-0701"]),
        ({}, Period.parse("2025-03"), Mode.YTD, ["0101-0201", "0201-0301", "0301-0401"]),
        ({"window": 2}, MAY, Mode.CURRENT, ["0401-0501", "0501-0601"]),
        ({"shift_days": -30}, MAY, Mode.CURRENT, ["0401-0502"]),
        ({"where": "filed_on < period.next"}, QUARTER, Mode.CURRENT, ["0401-0701"]),
        ({"agg": "nunique", "of": "tp_id"}, QUARTER, Mode.CURRENT, ["0401-0701"]),
        ({"time": ""}, QUARTER, Mode.CURRENT, ["0401-0701"]),
        ({"at": "last"}, QUARTER, Mode.CURRENT, ["0601-0701"]),
        ({"at": "first"}, QUARTER, Mode.CURRENT, ["0401-0501"]),
    ],
)
def test_slices(more: dict[str, Any], period: Period, mode: Mode, expected: list[str]) -> None:
    assert days(Measure(**{"source": "oblig", "time": "due", **more}), period, mode) == expected


def test_only_named_parameters_make_a_part() -> None:
    d = parse_definition(bent(params={"a": 1, "b": 2}, num={"where": "days_between(due, filed_on) > $b"}))
    assert d.num is not None
    assert part_of(d, d.num).params == (("b", 2),)


def test_inputs_are_the_months_and_tables_that_are_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = [oblig(n, 1, 111, Period.parse(f"2025-0{n}").first, None) for n in (4, 5, 6)]
    load(store, SCHEMA, Batch("a", {"oblig": rows}))
    load(store, SCHEMA, Batch("b", {"oblig": [oblig(9, 1, 111, MAY.first, None)]}))
    d = parse_definition(bent())
    assert d.num is not None
    part = part_of(d, d.num)
    (one,) = slices_of(part, MAY, Mode.CURRENT)
    assert inputs_of(StoredLake(store, SCHEMA), part, one) == {"oblig": {"2025-05": 2}, "tp_status_event": {}}
