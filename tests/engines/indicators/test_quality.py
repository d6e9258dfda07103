"""Quality gates: each check finds what it is for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from taxops.engines.indicators import Period, State, library_of, parse_definition, run
from taxops.engines.warehouse import MemoryLake, open_engine

from .shapes import bent
from .small import SCHEMA, oblig, orgs

JUNE = Period.parse("2025-06")


def control(value: float) -> dict[str, Any]:
    return {
        "dataset": "control",
        "item": "oblig",
        "org_id": 1,
        "month": JUNE.first,
        "version": 1,
        "value": value,
    }


LAKE = MemoryLake(SCHEMA, {
    "org": orgs(),
    "oblig": [
        *(oblig(n, 1, 111, date(2025, 6, 16), date(2025, 6, 15 + n) if n < 4 else None) for n in range(1, 6)),
        *(oblig(n, 1, 111, date(2025, 5, 16), None) for n in range(10, 14)),
    ],
    "ext_value": [{**control(99.0), "version": 0}, control(5.0)],
})  # fmt: skip


@pytest.mark.parametrize(
    ("check", "state", "reason"),
    [
        ({"rows_vs_prev": [0.7, 1.4]}, State.TRUSTED, ""),
        ({"rows_vs_prev": [0.7, 1.1]}, State.DOUBTFUL, "上期的 125%"),
        ({"nulls": {"filed_on": 0.4}}, State.TRUSTED, ""),
        ({"nulls": {"filed_on": 0.39}}, State.DOUBTFUL, "「申报日」为空 40.0%"),
        ({"unique": ["oblig_id"]}, State.TRUSTED, ""),
        ({"unique": ["tp_id", "due"]}, State.DOUBTFUL, "1 组重复"),
        ({"control_total": "oblig", "tol": 0.01}, State.TRUSTED, ""),
        ({"control_total": "other"}, State.DOUBTFUL, "没有控制总数"),
        ({"value_between": [0, 1]}, State.TRUSTED, ""),
        ({"value_between": [0, 0.1]}, State.DOUBTFUL, "不在 0 到 0.1"),
    ],
)
def test_checks(check: dict[str, Any], state: State, reason: str) -> None:
    library = library_of([parse_definition(bent(checks=[check], small_sample=None))])
    with open_engine(LAKE) as engine:
        found = run(library, engine, ["C101"], JUNE).of("C101")[(1,)]
    assert found.state is state
    assert reason in "".join(found.reasons)
