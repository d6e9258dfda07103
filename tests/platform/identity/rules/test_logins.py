"""Locks and sessions follow from what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.identity.policy import policy_at
from taxops.platform.identity.rules import lock_state, session_verdict
from taxops.platform.identity.terms import SessionEnd

T0 = datetime(2026, 6, 1, tzinfo=UTC)
LOGIN = policy_at(T0).login
SESSION = policy_at(T0).session


def _at(*minutes: float) -> list[datetime]:
    return [T0 + timedelta(minutes=m) for m in minutes]


@pytest.mark.parametrize(
    ("_case", "failures", "asked", "until", "left"),
    [
        ("nothing happened", (), 0, None, 5),
        ("one failure", (0,), 1, None, 4),
        ("four failures", (0, 1, 2, 3), 4, None, 1),
        ("the fifth locks", (0, 1, 2, 3, 4), 4, 19, 0),
        ("still locked a moment before the end", (0, 1, 2, 3, 4), 18.99, 19, 0),
        ("free at the end", (0, 1, 2, 3, 4), 19, None, 5),
        ("trying while locked does not lengthen it", (0, 1, 2, 3, 4, 10, 18), 18.5, 19, 0),
        ("after the lock counting begins anew", (0, 1, 2, 3, 4, 19, 20), 20, None, 3),
        ("five more lock again", (0, 1, 2, 3, 4, 19, 20, 21, 22, 23), 23, 38, 0),
        ("failures far apart do not add up", (0, 16, 32, 48, 64), 64, None, 4),
        ("a quiet while forgives", (0, 1, 2, 3), 19, None, 5),
        ("order of the list does not matter", (4, 0, 3, 1, 2), 4, 19, 0),
        ("what is yet to come does not count", (0, 1, 2, 3, 4), 3.5, None, 1),
    ],
)
def test_lock_follows_from_failures(
    _case: str, failures: tuple[float, ...], asked: float, until: float | None, left: int
) -> None:
    lock = lock_state(_at(*failures), T0 + timedelta(minutes=asked), LOGIN)
    assert (lock.until, lock.left) == (None if until is None else T0 + timedelta(minutes=until), left)
    assert lock.is_locked == (until is not None)


@given(st.lists(st.integers(0, 2000), max_size=60), st.integers(0, 2000))
def test_a_lock_never_lasts_longer_than_the_policy(minutes: list[int], asked: int) -> None:
    now = T0 + timedelta(minutes=asked)
    lock = lock_state(_at(*minutes), now, LOGIN)
    assert lock.until is None or now < lock.until <= now + LOGIN.lock_for
    assert 0 <= lock.left <= LOGIN.max_failures
    assert lock.is_locked == (lock.left == 0)


@pytest.mark.parametrize(
    ("_case", "started", "seen", "verdict"),
    [
        ("just begun", 0, 0, None),
        ("idle for less than the limit", 60, 29.9, None),
        ("idle for the limit", 60, 30, SessionEnd.IDLE),
        ("busy all day", 719, 0, None),
        ("busy to the absolute limit", 720, 0, SessionEnd.ABSOLUTE),
        ("both over: the absolute one is said", 800, 100, SessionEnd.ABSOLUTE),
    ],
)
def test_session_ends_idle_or_absolutely(
    _case: str, started: float, seen: float, verdict: SessionEnd | None
) -> None:
    assert (
        session_verdict(
            started_at=T0 - timedelta(minutes=started),
            seen_at=T0 - timedelta(minutes=seen),
            now=T0,
            policy=SESSION,
        )
        == verdict
    )
