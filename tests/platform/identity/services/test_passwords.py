"""Passwords are checked, remembered and never told apart by time."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from taxops.engines.base import BadInput, NotPermitted
from taxops.platform.identity import services
from taxops.platform.identity.models import OrgUnit, PasswordRecord, Person, PersonSession
from taxops.platform.identity.services import passwords
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = [f"Guilin-Shan-Shui-{n}{n + 3}" for n in range(1, 9)]


@pytest.fixture
def li(province: dict[str, OrgUnit], now: datetime) -> Person:
    person = factories.person("li", province["145011"], must_change_password=True)
    passwords.give_password(person, GOOD[0], now=now, must_change=True)
    return person


def test_changing_it_clears_the_duty_and_ends_other_sessions(li: Person, now: datetime) -> None:
    here = services.begin_session(li, now=now, address="")
    there = services.begin_session(li, now=now, address="")
    services.change_password(
        factories.scope_of(li, now), li, now=now, old=GOOD[0], new=GOOD[1], keep_session=here.key
    )
    li.refresh_from_db()
    assert not li.must_change_password
    assert PersonSession.objects.get(pk=here.pk).ended_at is None
    assert PersonSession.objects.get(pk=there.pk).ended_because == "password"


def test_the_last_five_cannot_be_used_again_but_the_sixth_can(li: Person, now: datetime) -> None:
    scope = factories.scope_of(li, now)
    for old, new in pairwise(GOOD[:6]):
        services.change_password(scope, li, now=now, old=old, new=new)
    with pytest.raises(BadInput, match="最近 5 次用过"):
        services.change_password(scope, li, now=now, old=GOOD[5], new=GOOD[1])
    services.change_password(scope, li, now=now + timedelta(days=1), old=GOOD[5], new=GOOD[0])
    assert PasswordRecord.objects.filter(person=li).count() == 5


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", GOOD[1], "old"), (GOOD[0], GOOD[0], "password"), (GOOD[0], "short", "password")],
)
def test_a_refused_change_changes_nothing(old: str, new: str, field: str, li: Person, now: datetime) -> None:
    with pytest.raises(BadInput) as caught:
        services.change_password(factories.scope_of(li, now), li, now=now, old=old, new=new)
    assert caught.value.field == field
    li.refresh_from_db()
    assert passwords.is_right(li, GOOD[0])


def test_nobody_changes_anothers_password(li: Person, people_admin: Person, now: datetime) -> None:
    for scope in (factories.scope_of(people_admin, now), factories.scope_of(li, now, via="api")):
        with pytest.raises(NotPermitted):
            services.change_password(scope, li, now=now, old=GOOD[0], new=GOOD[1])


def test_each_check_hashes_exactly_once_whoever_is_asked_about(
    li: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = passwords.check_password

    def counted(password: str, digest: str) -> bool:
        checked.append(digest)
        return bool(real(password, digest))

    monkeypatch.setattr(passwords, "check_password", counted)
    without = factories.person("nopass", li.org)
    strange = factories.person("odd", li.org, password="unknown$algorithm")
    for who in (li, None, without, strange):
        checked.clear()
        assert not passwords.is_right(who, "wrong")
        assert len(checked) == 1
        assert checked[0].split("$")[0] == li.password.split("$")[0]


def test_the_dummys_password_signs_nobody_in(li: Person) -> None:
    assert passwords.is_right(li, GOOD[0])
    assert not passwords.is_right(li, GOOD[0] + "x" * 200)
    assert not passwords.is_right(None, "")
    assert not passwords.is_right(factories.person("nopass", li.org), "")


def test_stored_passwords_are_argon2id(settings: Any, li: Person, now: datetime) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    passwords.give_password(li, GOOD[3], now=now, must_change=False)
    assert li.password.startswith("argon2$argon2id$")
    assert passwords.is_right(li, GOOD[3])


def test_temporary_passwords_meet_the_policy(now: datetime) -> None:
    made = {passwords.temporary_password("wangwei", now) for _ in range(50)}
    assert len(made) == 50
