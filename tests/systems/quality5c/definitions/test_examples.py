"""Every shipped indicator gives the figures that were computed by hand on its fixture."""

from __future__ import annotations

from functools import cache

import pytest

from taxops.engines.indicators import Period, Run, library_of, run
from taxops.engines.warehouse import Engine, MemoryLake, open_engine, shipped_schema
from taxops.systems.quality5c.definitions.shipped import fixture_rows, shipped

pytestmark = pytest.mark.same_everywhere
LIBRARY = library_of([d for _, d in shipped().values()])
CASES = [(d.code, case) for _, d in shipped().values() for case in d.tests]


@cache
def _engine(name: str) -> Engine:
    return open_engine(MemoryLake(shipped_schema(), fixture_rows(name)))


@cache
def _run(name: str, period: str) -> Run:
    codes = sorted({code for code, case in CASES if case.fixture == name and case.period == period})
    return run(LIBRARY, _engine(name), codes, Period.parse(period))


@pytest.mark.parametrize(("code", "case"), CASES, ids=[code for code, _ in CASES])
def test_the_worked_example(code: str, case) -> None:  # type: ignore[no-untyped-def]
    found = _run(case.fixture, case.period).of(code)[int(case.subject),]
    if case.num is not None:
        assert found.num == pytest.approx(case.num), case.why
    if case.den is not None:
        assert found.den == pytest.approx(case.den), case.why
    if case.value is not None:
        assert found.value == pytest.approx(case.value), case.why


@pytest.mark.parametrize("name", sorted({case.fixture for _, case in CASES}))
def test_units_above_are_the_sums_of_units_below(name: str) -> None:
    for code in sorted({c for c, case in CASES if case.fixture == name}):
        d = shipped()[code][1]
        if d.num is None or d.num.agg.value not in {"count", "sum"} or d.den is None:
            continue
        found = _run(name, "2025-06").of(code)
        for side in ("num", "den"):
            top, city = (getattr(found[k,], side) for k in (1, 11))
            parts = sum(getattr(found[k,], side) or 0 for k in (111, 112))
            measure = d.num if side == "num" else d.den
            if measure.source != "org" and measure.agg.value in {"count", "sum"}:
                assert top == city == pytest.approx(parts), (code, side)
