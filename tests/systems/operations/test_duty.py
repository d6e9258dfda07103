"""The question of who is on duty, and its one answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from taxops.systems.operations import duty

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def _nobody_answers() -> Iterator[None]:
    before = list(duty._answers)
    duty._answers.clear()
    yield
    duty._answers[:] = before


@pytest.mark.usefixtures("_nobody_answers")
def test_nobody_is_on_duty_before_a_roster_stands() -> None:
    assert list(duty.on_duty(1, AT)) == []


@pytest.mark.usefixtures("_nobody_answers")
def test_the_last_answer_counts() -> None:
    duty.answer_with(lambda org, at, post: [duty.OnDuty(1, "line1")])
    duty.answer_with(lambda org, at, post: [duty.OnDuty(org, post or "lead")])
    assert list(duty.on_duty(7, AT, "line2")) == [duty.OnDuty(7, "line2")]
