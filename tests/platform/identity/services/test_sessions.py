"""Sessions end idle, absolutely, displaced, revoked; each says why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Conflict, NotFound
from taxops.platform.identity import services
from taxops.platform.identity.models import OrgUnit, Person, PersonSession
from tests import factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def li(province: dict[str, OrgUnit]) -> Person:
    return factories.person("li", province["145011"])


def _begin(li: Person, at: datetime) -> PersonSession:
    return services.begin_session(li, now=at, address="10.0.0.1", user_agent="测试浏览器")


def _why(session: PersonSession, at: datetime) -> str | None:
    held, over = services.resume_session(session.key, now=at)
    assert (held is None) == (over is not None)
    return over.value if over else None


def test_a_session_lives_while_it_is_used_and_ends_idle(li: Person, now: datetime) -> None:
    session = _begin(li, now)
    assert _why(session, now + 29 * MINUTE) is None
    assert _why(session, now + 58 * MINUTE) is None
    assert _why(session, now + 88 * MINUTE) == "idle"
    assert _why(session, now + 89 * MINUTE) == "idle"  # ended is ended
    assert PersonSession.objects.get().ended_at == now + 88 * MINUTE


def test_polling_does_not_keep_a_session_alive(li: Person, now: datetime) -> None:
    session = _begin(li, now)
    for minute in range(2, 30, 2):
        held, _ = services.resume_session(session.key, now=now + minute * MINUTE, is_activity=False)
        assert held is not None
    assert _why(session, now + 30 * MINUTE) == "idle"


def test_nobody_works_longer_than_the_absolute_limit(li: Person, now: datetime) -> None:
    session = _begin(li, now)
    at = now
    while at < now + timedelta(hours=12):
        assert _why(session, at) is None
        at += 20 * MINUTE
    assert _why(session, at) == "absolute"


def test_seen_is_written_once_a_minute_at_most(li: Person, now: datetime) -> None:
    session = _begin(li, now)
    services.resume_session(session.key, now=now + timedelta(seconds=59))
    assert PersonSession.objects.get().seen_at == now
    services.resume_session(session.key, now=now + MINUTE)
    assert PersonSession.objects.get().seen_at == now + MINUTE


def test_the_third_session_ends_the_oldest_with_its_reason(li: Person, now: datetime) -> None:
    first, second, third = (_begin(li, now + n * MINUTE) for n in range(3))
    at = now + 4 * MINUTE
    assert (_why(first, at), _why(second, at), _why(third, at)) == ("displaced", None, None)


def test_dead_sessions_do_not_count(li: Person, now: datetime) -> None:
    _begin(li, now)
    _begin(li, now)
    third = _begin(li, now + 31 * MINUTE)
    assert [s.ended_because for s in PersonSession.objects.exclude(pk=third.pk)] == ["idle", "idle"]


def test_others_sessions_are_no_matter(li: Person, now: datetime) -> None:
    wang = factories.person("wang", li.org)
    mine = _begin(li, now)
    for _ in range(3):
        _begin(wang, now)
    assert _why(mine, now) is None


def test_an_unknown_key_and_a_closed_account_are_nobody(li: Person, now: datetime) -> None:
    assert services.resume_session("no such key", now=now)[0] is None
    session = _begin(li, now)
    Person.objects.update(is_active=False)
    assert _why(session, now) == "inactive"


def test_logging_out_twice_is_no_matter(li: Person, now: datetime) -> None:
    session = _begin(li, now)
    services.end_session(session.key, now=now + MINUTE)
    services.end_session(session.key, now=now + 2 * MINUTE)
    assert PersonSession.objects.get().ended_at == now + MINUTE
    assert _why(session, now + 3 * MINUTE) == "logout"


def test_own_sessions_and_those_of_ones_people_can_be_ended(
    province: dict[str, OrgUnit], li: Person, people_admin: Person, now: datetime
) -> None:
    a, b = _begin(li, now), _begin(li, now)
    services.end_session_by(factories.scope_of(li, now), a, now=now)
    assert _why(a, now) == "revoked"
    neighbour = factories.person("nb", province["145020"], "system_admin")
    for stranger in (neighbour, factories.person("wang", li.org)):
        with pytest.raises(NotFound):
            services.end_session_by(factories.scope_of(stranger, now), b, now=now)
    services.end_session_by(factories.scope_of(people_admin, now), b, now=now)
    with pytest.raises(Conflict):
        services.end_session_by(factories.scope_of(people_admin, now), b, now=now)


def test_keys_are_long_and_differ(li: Person, now: datetime) -> None:
    keys = {_begin(li, now).key for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}
