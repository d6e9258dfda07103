"""Heartbeats: the state is worked out from the last report, the schedule and the grace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput
from taxops.engines.checks import Cron, HeartbeatStatus, Period, heartbeat_status

NEW, UP, GRACE, DOWN = HeartbeatStatus
HOURLY = Period(timedelta(hours=1))
FIVE = timedelta(minutes=5)
PING = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)


def later(**parts: float) -> datetime:
    return PING + timedelta(**parts)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (later(minutes=59, seconds=59), UP),
        (later(hours=1), GRACE),
        (later(minutes=64, seconds=59), GRACE),
        (later(minutes=65), DOWN),
        (later(days=3), DOWN),
    ],
)
def test_silence_becomes_grace_and_then_an_outage(now: datetime, status: HeartbeatStatus) -> None:
    beat = heartbeat_status(PING, HOURLY, FIVE, now)
    assert beat.status is status
    assert beat.due_at == later(hours=1)
    assert beat.down_at == later(minutes=65)


def test_cron_is_read_in_china() -> None:
    beat = heartbeat_status(PING, Cron("30 1 * * *"), timedelta(hours=1), PING)
    assert beat.due_at == datetime(2026, 6, 2, 1, 30, tzinfo=CHINA)
    assert beat.down_at == datetime(2026, 6, 1, 18, 30, tzinfo=UTC)


def test_a_report_exactly_on_time_expects_the_next_one() -> None:
    on_time = datetime(2026, 6, 1, 1, 30, tzinfo=CHINA)
    assert Cron("30 1 * * *").following(on_time) == on_time + timedelta(days=1)


def test_a_job_that_never_reported_waits_or_is_expected() -> None:
    waiting = heartbeat_status(None, HOURLY, FIVE, PING)
    assert waiting.status is NEW
    assert waiting.down_at is None
    assert heartbeat_status(None, HOURLY, FIVE, later(minutes=30), expected_from=PING).status is NEW
    assert heartbeat_status(None, HOURLY, FIVE, later(minutes=62), expected_from=PING).status is GRACE
    assert heartbeat_status(None, HOURLY, FIVE, later(minutes=65), expected_from=PING).status is DOWN


def test_a_failed_run_is_down_at_once() -> None:
    beat = heartbeat_status(PING, HOURLY, FIVE, later(seconds=1), failed=True)
    assert beat.status is DOWN
    assert beat.down_at == PING


def test_a_run_that_does_not_end_goes_down_after_the_grace() -> None:
    started = later(minutes=10)
    running = heartbeat_status(PING, HOURLY, FIVE, later(minutes=12), started_at=started)
    assert running.status is UP
    assert running.down_at == later(minutes=15)
    assert heartbeat_status(PING, HOURLY, FIVE, later(minutes=15), started_at=started).status is DOWN


def test_the_start_of_a_run_that_ended_does_not_count() -> None:
    beat = heartbeat_status(PING, HOURLY, FIVE, later(minutes=30), started_at=later(minutes=-2))
    assert beat.down_at == later(minutes=65)


@given(st.integers(1, 10**6), st.integers(0, 10**5), st.integers(0, 2 * 10**6))
def test_the_status_changes_exactly_at_the_named_instants(every: int, grace: int, passed: int) -> None:
    schedule, now = Period(timedelta(seconds=every)), later(seconds=passed)
    beat = heartbeat_status(PING, schedule, timedelta(seconds=grace), now)
    assert beat.due_at is not None
    assert beat.down_at is not None
    assert (beat.status is UP) == (now < beat.due_at)
    assert (beat.status is DOWN) == (now >= beat.down_at)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "要写五段"),
        ("* * * *", "要写五段"),
        ("0 0 * * * *", "要写五段"),
        ("61 * * * *", "第一段（分）应在 0 到 59"),
        ("0 25 * * *", "第二段（时）"),
        ("0 0 32 * *", "第三段（日）"),
        ("0 0 1 13 *", "第四段（月）"),
        ("0 0 * * 9", "第五段（星期）"),
        ("a b c d e", "第一段"),
        ("0 0 30 2 *", "永远不会|第三段|有一段"),
        ("*" * 500, "要写五段"),
    ],
)
def test_a_broken_expression_is_refused_in_chinese(expression: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Cron(expression)


@given(st.text(alphabet="0123456789*,-/# LWMON", max_size=30))
def test_any_text_is_an_expression_or_bad_input(text: str) -> None:
    try:
        cron = Cron(text)
    except BadInput:
        return
    assert cron.following(PING) > PING


def test_a_period_is_longer_than_nothing() -> None:
    with pytest.raises(BadInput, match="大于 0"):
        Period(timedelta(0))
