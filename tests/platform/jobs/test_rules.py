"""What becomes of a run: back-off, giving up, slots, grants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput, Scope, Unavailable
from taxops.platform.jobs.rules import (
    LONGEST_WAIT_S,
    State,
    Step,
    after_error,
    after_loss,
    backoff_seconds,
    narrowed,
    next_slot,
)

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
chances = st.floats(0, 1)


@given(st.integers(1, 200), chances)
def test_waits_grow_and_stay_bounded(attempt: int, chance: float) -> None:
    wait = backoff_seconds(attempt, chance)
    assert 2.5 <= wait <= LONGEST_WAIT_S
    assert backoff_seconds(attempt + 1, chance) >= wait


def test_runs_that_fail_together_do_not_come_back_together() -> None:
    assert backoff_seconds(3, 0.1) != backoff_seconds(3, 0.9)


@given(st.integers(1, 9), chances)
def test_a_bug_is_retried_until_the_attempts_are_used_up(attempt: int, chance: float) -> None:
    decision = after_error(ValueError(), attempt=attempt, max_attempts=5, now=NOW, chance=chance)
    if attempt < 5:
        assert (decision.state, decision.step) == (State.QUEUED, Step.RETRY)
        assert decision.run_after is not None
        assert decision.run_after > NOW
    else:
        assert (decision.state, decision.step) == (State.DEAD, Step.DEAD)


def test_a_refusal_is_final_but_an_outage_is_not() -> None:
    refused = after_error(BadInput("x"), attempt=1, max_attempts=5, now=NOW, chance=0)
    outage = after_error(Unavailable("x"), attempt=1, max_attempts=5, now=NOW, chance=0)
    assert (refused.state, outage.state) == (State.FAILED, State.QUEUED)


def test_the_first_loss_is_tried_at_once_the_next_waits_and_the_last_is_the_end() -> None:
    first, second, last = (after_loss(attempt=n, max_attempts=3, now=NOW, chance=0) for n in (1, 2, 3))
    assert first.run_after == NOW
    assert second.run_after is not None
    assert second.run_after > NOW
    assert last.state == State.DEAD


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/5 * * * *", datetime(2026, 6, 1, 2, 5, tzinfo=UTC)),
        ("0 0 * * *", datetime(2026, 6, 1, 16, tzinfo=UTC)),
        ("0 9 1 * *", datetime(2026, 7, 1, 1, tzinfo=UTC)),
    ],
)
def test_slots_are_read_in_china_time_and_lie_after_the_instant(expression: str, expected: datetime) -> None:
    assert next_slot(expression, NOW) == expected


@given(st.integers(0, 10**7))
def test_every_slot_lies_strictly_after(seconds: int) -> None:
    after = NOW + timedelta(seconds=seconds)
    assert next_slot("*/5 * * * *", after) > after


@pytest.mark.parametrize("expression", ["", "x", "61 * * * *", "* * * *", "0 0 30 2 *", "* * * * * * *"])
def test_a_broken_expression_is_told_in_chinese(expression: str) -> None:
    with pytest.raises(BadInput, match="定时表达式"):
        next_slot(expression, NOW)


codes = st.sampled_from(["a", "b"])
prefixes = st.sampled_from(["", "1/", "1/2/", "1/2/3/", "4/"])
grants = st.dictionaries(codes, st.lists(prefixes, max_size=3))


@given(grants, grants, codes, prefixes)
def test_a_run_may_do_exactly_what_both_scopes_allow(
    held: dict[str, list[str]], asked: dict[str, list[str]], code: str, path: str
) -> None:
    held_tuples = {c: tuple(p) for c, p in held.items()}
    both = Scope(1, "x", narrowed(held_tuples, asked))
    expected = Scope(1, "x", held_tuples).allows(code, path) and Scope(
        1, "x", {c: tuple(p) for c, p in asked.items()}
    ).allows(code, path)
    assert both.allows(code, path) == expected
