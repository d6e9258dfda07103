"""When a duty is due, and what counts as an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.manual import rules
from taxops.systems.operations.manual.rules import Stand

AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
DAILY = {"every_s": 86_400, "grace_s": 3_600}


@pytest.mark.parametrize(
    ("last_h", "now_h", "stand"),
    [
        (None, 0, Stand.WAITING),  # set up just now: may be done at once
        (None, 21, Stand.NEAR),
        (None, 25, Stand.NEAR),  # past due, inside the grace
        (None, 25.1, Stand.OVERDUE),
        (10, 11, Stand.DONE),
        (10, 23, Stand.WAITING),
        (10, 31, Stand.NEAR),
        (10, 35.1, Stand.OVERDUE),
    ],
)
def test_a_duty_becomes_due_near_and_overdue(last_h: float | None, now_h: float, stand: Stand) -> None:
    last = None if last_h is None else AT + timedelta(hours=last_h)
    assert rules.due(DAILY, last, AT, AT + timedelta(hours=now_h)).stand is stand


def _given(**more: Any) -> dict[str, Any]:
    return {"answer": "ok", "value": None, "note": "", "has_file": False, "fact_at": AT, "now": AT} | more


@pytest.mark.parametrize(
    ("params", "given", "field"),
    [
        ({}, {"answer": "maybe"}, "answer"),
        ({}, {"fact_at": AT + timedelta(minutes=5)}, "fact_at"),
        ({}, {"fact_at": AT - timedelta(days=8)}, "fact_at"),
        ({"unit": "℃"}, {}, "value"),
        ({"needs_photo": True}, {}, "photo"),
        ({}, {"answer": "bad", "note": " "}, "note"),
    ],
)
def test_half_an_answer_is_none(params: dict[str, Any], given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.check_answer(params, **_given(**given))
    assert caught.value.field == field


def test_an_answer_that_does_not_apply_needs_neither_reading_nor_photo() -> None:
    assert rules.check_answer({"unit": "℃", "needs_photo": True}, **_given(answer="na")) == "na"
