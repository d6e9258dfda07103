"""Sessions (会话): begun at login, looked at with each request, ended for a reason."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from taxops.engines.base import Conflict, NotFound, Scope
from taxops.platform.identity import rules
from taxops.platform.identity.models import Person, PersonSession, SessionEnd
from taxops.platform.identity.policy import policy_at

from . import trail

SEEN_EVERY = timedelta(minutes=1)
"""`seen_at` is written at most this often."""


@transaction.atomic
def begin(
    person: Person, *, now: datetime, address: str, user_agent: str = "", with_totp: bool = False
) -> PersonSession:
    """Begin a session (建立会话); beyond the allowed number the oldest are ended, and told so later."""
    Person.objects.select_for_update().filter(pk=person.pk).values_list("pk").first()
    policy = policy_at(now).session
    alive = []
    for held in PersonSession.objects.filter(person=person, ended_at=None).order_by("started_at", "pk"):
        over = rules.session_verdict(started_at=held.started_at, seen_at=held.seen_at, now=now, policy=policy)
        if over is None:
            alive.append(held)
        else:
            _end(held, over, now)
    for held in alive[: max(0, len(alive) - policy.max_concurrent + 1)]:
        _end(held, SessionEnd.DISPLACED, now)
    Person.objects.filter(pk=person.pk).update(last_login_at=now)
    return PersonSession.objects.create(
        person=person,
        key=secrets.token_hex(16),
        started_at=now,
        seen_at=now,
        address=address[:45],
        user_agent=user_agent[:200],
        with_totp=with_totp,
    )


def _end(held: PersonSession, why: SessionEnd, now: datetime) -> None:
    PersonSession.objects.filter(pk=held.pk, ended_at=None).update(ended_at=now, ended_because=why.value)


def resume(
    key: str, *, now: datetime, is_activity: bool = True
) -> tuple[PersonSession | None, SessionEnd | None]:
    """Return the session of a key while it lives, or why it is over (会话恢复).

    Args:
        is_activity: whether the person does something; a page's own polling does not keep a session alive.
    """
    held = PersonSession.objects.select_related("person__org").filter(key=key).first()
    if held is None:
        return None, SessionEnd.ABSOLUTE
    if held.ended_at is not None:
        return None, SessionEnd(held.ended_because or SessionEnd.LOGOUT.value)
    if not held.person.is_active:
        _end(held, SessionEnd.INACTIVE, now)
        return None, SessionEnd.INACTIVE
    over = rules.session_verdict(
        started_at=held.started_at, seen_at=held.seen_at, now=now, policy=policy_at(now).session
    )
    if over is not None:
        _end(held, over, now)
        return None, over
    if is_activity and now - held.seen_at >= SEEN_EVERY:
        PersonSession.objects.filter(pk=held.pk, seen_at__lt=now).update(seen_at=now)
        held.seen_at = now
    return held, None


def end(key: str, *, now: datetime) -> None:
    """End one's session (退出登录); ending it twice changes nothing."""
    PersonSession.objects.filter(key=key, ended_at=None).update(
        ended_at=now, ended_because=SessionEnd.LOGOUT.value
    )


@transaction.atomic
def end_by(scope: Scope, held: PersonSession, *, now: datetime) -> None:
    """End a session: one's own on another machine, or somebody's by the system administrator (强制下线).

    Raises:
        NotFound: it is neither one's own nor in the actor's scope.
        Conflict: it has ended already.
    """
    found = PersonSession.objects.select_related("person__org").filter(pk=held.pk).first()
    mine = found is not None and scope.actor_id == found.person_id
    if found is None or not (mine or scope.allows("identity.people", found.person.org.path)):
        raise NotFound("没有这个会话，或不在您的管理范围内。", "请刷新列表后重试。")
    if found.ended_at is not None:
        raise Conflict("这个会话已经结束。", "无需再次下线。")
    _end(found, SessionEnd.REVOKED, now)
    where = {"网络地址": found.address, "登录时间": found.started_at}
    trail.note_person(scope, now, "session_ended", found.person, where, {"会话": "已强制下线"})
