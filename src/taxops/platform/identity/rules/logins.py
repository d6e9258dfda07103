"""When an account is locked (锁定) and when a session is over (会话失效), derived from what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from taxops.platform.identity.terms import SessionEnd

from .policies import LoginPolicy, SessionPolicy


@dataclass(frozen=True, slots=True)
class LockState:
    """Whether an account is locked (锁定状态), until when, and how many failures it may still have."""

    until: datetime | None
    left: int

    @property
    def is_locked(self) -> bool:
        """Whether signing in is refused now."""
        return self.until is not None


def lock_state(failures: Iterable[datetime], now: datetime, policy: LoginPolicy) -> LockState:
    """Return the lock that failures since the last success or unlocking have led to (锁定状态).

    Failures count together when each follows the one before within the lock time; those made while
    locked do not count, so nobody can keep a colleague locked out for ever by trying on. When a lock
    has run out, counting begins anew.
    """
    count = 0
    last: datetime | None = None
    until: datetime | None = None
    for at in sorted(failures):
        if at > now:
            break
        if until is not None:
            if at < until:
                continue
            until, count = None, 0
        if last is not None and at - last > policy.lock_for:
            count = 0
        count, last = count + 1, at
        if count >= policy.max_failures:
            until = at + policy.lock_for
    if until is not None:
        return LockState(until, 0) if now < until else LockState(None, policy.max_failures)
    if last is not None and now - last > policy.lock_for:
        count = 0
    return LockState(None, policy.max_failures - count)


def session_verdict(
    *, started_at: datetime, seen_at: datetime, now: datetime, policy: SessionPolicy
) -> SessionEnd | None:
    """Return why a session is over at `now` (会话判定), or None while it lives."""
    if now - started_at >= policy.absolute:
        return SessionEnd.ABSOLUTE
    if now - seen_at >= policy.idle:
        return SessionEnd.IDLE
    return None
