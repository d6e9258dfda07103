"""The suite can fail: an engine that computes wrong is caught, and so is one that throws."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.warehouse import TRIALS, conform, conformance_lake, open_engine, primitives


def test_names_are_unique() -> None:
    assert len({t.name for t in TRIALS}) == len(TRIALS)


@pytest.mark.parametrize(
    ("name", "primitive", "wrong"),
    [
        ("distinct", "distinct", lambda v, where=None: v.approx_nunique(where=where)),
        ("ratio", "ratio", lambda a, b: a / b),
        ("round", "round_half_up", lambda v, digits: v.round(digits)),
        ("previous", "previous", lambda v, by, order: v.lag(1, default=0).over(group_by=by, order_by=order)),
        ("sum_of_none", "total", lambda v, where=None: v.sum(where=where)),
        ("characters", "characters", lambda t: t.cast("binary").length()),
    ],
)
def test_a_divergence_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str, primitive: str, wrong: Any
) -> None:
    monkeypatch.setattr(primitives, primitive, wrong)
    with open_engine(conformance_lake()) as engine:
        failed = [v for v in conform(engine) if not v.ok]
    assert [v.name for v in failed] == [name]
    assert failed[0].found != failed[0].expected


def test_an_engine_that_throws_fails_every_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_engine(conformance_lake()) as engine:
        monkeypatch.setattr(type(engine), "run", lambda *_: 1 / 0)
        assert all(v.found.startswith("ZeroDivisionError") for v in conform(engine))
