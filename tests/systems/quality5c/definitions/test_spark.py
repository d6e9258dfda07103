"""Every shipped indicator gives the same figures on Spark as on DuckDB, and those of its worked example.

Needs the pyspark package and Java, which are no part of the default installation: `docs/indicators.md` says how to
repeat it. Spark starts in half a minute and plans for a second a query, so each fixture is one run of its codes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from taxops.engines.indicators import Period, Result, Run, library_of, run
from taxops.engines.warehouse import Engine, MemoryLake, Settings, open_engine, shipped_schema
from taxops.systems.quality5c.definitions.shipped import fixture_rows, shipped

MISSING = [p for p in ("pyspark",) if find_spec(p) is None] + [
    p for p in ("java",) if shutil.which(p) is None
]
pytestmark = [
    pytest.mark.same_everywhere,
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(MISSING), reason=f"Spark is not installed here: no {' and no '.join(MISSING)}"),
]
LIBRARY = library_of([d for _, d in shipped().values()])
CASES = [(d.code, case) for _, d in shipped().values() for case in d.tests]
PLAIN = [code for code, (_, d) in shipped().items() if not d.tests]
"""What others stand on and has no example of its own: compared over every fixture."""
FIXTURES = sorted({case.fixture for _, case in CASES})


@pytest.fixture(scope="module", params=FIXTURES)
def both(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, tuple[Run, Run]]]]:
    """Yield a fixture's name and, period by period, its indicators on DuckDB and on Spark."""
    lake = MemoryLake(shipped_schema(), fixture_rows(request.param))
    periods = sorted({case.period for _, case in CASES if case.fixture == request.param})
    with open_engine(lake) as duck, open_engine(lake, Settings("spark")) as spark:
        yield (
            request.param,
            {p: (_run(duck, request.param, p), _run(spark, request.param, p)) for p in periods},
        )


def _run(engine: Engine, fixture: str, period: str) -> Run:
    codes = [code for code, case in CASES if case.fixture == fixture and case.period == period]
    return run(LIBRARY, engine, codes + PLAIN, Period.parse(period))


def _figures(result: Result) -> tuple[object, ...]:
    return (result.code, result.subject, result.state, result.reasons, result.fingerprint)


def test_all_figures_of_all_units_are_those_of_duckdb(both: tuple[str, dict[str, tuple[Run, Run]]]) -> None:
    _, runs = both
    assert runs
    for ours, theirs in runs.values():
        assert list(map(_figures, theirs.results)) == list(map(_figures, ours.results))
        for a, b in zip(ours.results, theirs.results, strict=True):
            for side in ("num", "den", "value"):
                x, y = getattr(a, side), getattr(b, side)
                assert type(x) is type(y), (a.code, a.subject, side, x, y)
                # whole numbers are the same to the last digit; fractions may be added in another order
                assert x == (y if not isinstance(y, float) else pytest.approx(y, rel=1e-12)), (a.code, side)


def test_the_worked_examples_hold_on_spark(both: tuple[str, dict[str, tuple[Run, Run]]]) -> None:
    name, runs = both
    for code, case in CASES:
        if case.fixture == name:
            found = runs[case.period][1].of(code)[int(case.subject),]
            for side in ("num", "den", "value"):
                if getattr(case, side) is not None:
                    assert getattr(found, side) == pytest.approx(getattr(case, side)), (code, side, case.why)
