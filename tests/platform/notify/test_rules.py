"""Quiet hours, retries and folding follow from their arguments alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput
from taxops.platform.notify import rules


def china(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-01T{clock}").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("clock", "start", "end", "quiet"),
    [
        ("23:00", "22:00", "07:00", True),
        ("06:59", "22:00", "07:00", True),
        ("07:00", "22:00", "07:00", False),
        ("12:30", "12:00", "14:00", True),
        ("14:00", "12:00", "14:00", False),
        ("12:00", "12:00", "12:00", False),
    ],
)
def test_quiet_hours_are_half_open_and_may_cross_midnight(
    clock: str, start: str, end: str, quiet: bool
) -> None:
    assert rules.is_quiet(china(clock), time.fromisoformat(start), time.fromisoformat(end)) is quiet


def test_a_message_waits_for_the_end_of_quiet_hours_unless_it_is_critical() -> None:
    night = china("23:30").astimezone(UTC)
    start, end = time(22), time(7)
    assert rules.send_at(night, "warning", start, end) == datetime(2026, 6, 2, 7, tzinfo=CHINA)
    assert rules.send_at(china("03:00"), "info", start, end) == datetime(2026, 6, 1, 7, tzinfo=CHINA)
    assert rules.send_at(night, "critical", start, end) == night
    assert rules.send_at(night, "warning", None, None) == night


@given(
    st.integers(0, 366 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.times(),
    st.times(),
)
def test_a_deferred_message_never_goes_in_quiet_hours_nor_later_than_a_day(
    now: datetime, start: time, end: time
) -> None:
    at = rules.send_at(now, "info", start, end)
    assert not rules.is_quiet(at, start, end)
    assert now <= at <= now + timedelta(days=1)


def test_critical_notices_override_a_person_who_chose_no_channel() -> None:
    assert rules.chosen_channels({"critical": []}, "critical", ["mail"]) == ["mail"]
    assert rules.chosen_channels({"warning": []}, "warning", ["mail"]) == []
    assert rules.chosen_channels({"warning": ["mail", "gone"]}, "warning", ["mail"]) == ["mail"]
    assert rules.chosen_channels(None, "warning", ["mail"]) == []
    assert rules.chosen_channels(None, "critical", ["mail"]) == ["mail"]


def test_retries_come_later_and_later_and_end() -> None:
    now = china("10:00")
    waits = [rules.retry_at(now, attempts) for attempts in range(1, rules.MAX_ATTEMPTS + 1)]
    assert waits[-1] is None
    sooner = [wait for wait in waits if wait is not None]
    assert sooner == sorted(sooner)
    assert rules.retry_at(now, 1, 60.0) == now + timedelta(seconds=60)
    assert rules.retry_at(now, 1, 10**9) == now + timedelta(hours=1)


@given(
    st.lists(
        st.tuples(st.integers(1, 10_000), st.sampled_from(["群", "甲", "乙"])),
        max_size=80,
        unique_by=lambda p: p[0],
    ),
    st.integers(-3, 25),
)
def test_a_plan_keeps_the_rate_and_sends_nothing_twice(pairs: list[tuple[int, str]], remaining: int) -> None:
    pending = [rules.Pending(*pair) for pair in pairs]
    bundles = rules.plan(pending, remaining)
    assert len(bundles) <= max(0, remaining)
    sent = [number for bundle in bundles for number in bundle]
    assert len(sent) == len(set(sent))
    to = dict(pairs)
    assert all(len({to[number] for number in bundle}) == 1 for bundle in bundles)
    if len({to_ for _, to_ in pairs}) <= remaining:
        assert sorted(sent) == sorted(number for number, _ in pairs), "what fits when folded goes out"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "ftp://x", "x"])
def test_a_link_that_leads_elsewhere_is_refused(link: str) -> None:
    with pytest.raises(BadInput, match="链接"):
        rules.check_link(link)
    rules.check_link("/operations/checks/1/")
    rules.check_link("")


def test_secrets_are_masked() -> None:
    assert "12345" not in rules.masked("12345")
    assert rules.masked("SEC0123456789") == "••••••6789"
    with pytest.raises(BadInput):
        rules.parse_severity("urgent")
