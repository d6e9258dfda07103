"""The signed-in person in the browser's session (浏览器会话): what pages of login and logout call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from taxops.engines.base import from_millis, to_millis

from .models import Person, PersonSession
from .policy import policy_at
from .services import begin_session, end_session

SESSION_KEY = "identity"
"""Where the Django session keeps the key of the `PersonSession`."""
NOTICE_KEY = "identity_notice"
_PENDING_KEY = "identity_pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right and who still owes a code (待二次验证)."""

    person: Person
    needs: str
    then: str


def _agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200]


def sign_in(
    request: HttpRequest, person: Person, *, now: datetime, address: str, with_totp: bool = False
) -> PersonSession:
    """Sign somebody in to this browser (登录): a new session key, so that one known before is worth nothing."""
    before = request.session.get(SESSION_KEY)
    if before:
        end_session(before, now=now)
    request.session.flush()  # new key and no leftovers of whoever was here before
    held = begin_session(person, now=now, address=address, user_agent=_agent(request), with_totp=with_totp)
    request.session[SESSION_KEY] = held.key
    request.session.set_expiry(policy_at(now).session.absolute)
    request.session.cycle_key()
    return held


def sign_out(request: HttpRequest, *, now: datetime) -> None:
    """Sign out of this browser (退出登录)."""
    key = request.session.get(SESSION_KEY)
    if key:
        end_session(key, now=now)
    request.session.flush()


def key_of(request: HttpRequest) -> str:
    """Return the key of this browser's session, to tell it from the person's others."""
    return str(request.session.get(SESSION_KEY, ""))


def hold(request: HttpRequest, person: Person, needs: str, *, now: datetime, then: str = "") -> None:
    """Remember for a few minutes that somebody's password was right (待二次验证)."""
    request.session.cycle_key()
    request.session[_PENDING_KEY] = {"person": person.pk, "needs": needs, "at": to_millis(now), "then": then}


def pending(request: HttpRequest, *, now: datetime) -> Pending | None:
    """Return who still owes a code in this browser, unless he let it run out."""
    kept = request.session.get(_PENDING_KEY)
    if not kept:
        return None
    if now - from_millis(kept["at"]) > policy_at(now).login.pending_for:
        del request.session[_PENDING_KEY]
        return None
    person = Person.objects.select_related("org").filter(pk=kept["person"], is_active=True).first()
    return Pending(person, kept["needs"], kept["then"]) if person else None


def take_notice(request: HttpRequest) -> str:
    """Return, once, why the last session here ended (下线提示)."""
    return str(request.session.pop(NOTICE_KEY, ""))
