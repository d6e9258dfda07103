"""Signing in: failures lock, unknown names lock like known ones, codes work once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from taxops.engines.base import NotFound
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity import queries, services
from taxops.platform.identity.models import LoginAttempt, OrgUnit, Person
from taxops.platform.identity.services import passwords
from tests import factories

pytestmark = pytest.mark.django_db
GOOD = "Guilin-Shan-Shui-7"
MINUTE = timedelta(minutes=1)
Check = Callable[..., Any]


@pytest.fixture
def li(province: dict[str, OrgUnit], now: datetime) -> Person:
    person = factories.person("li.si", province["145011"])
    passwords.give_password(person, GOOD, now=now - timedelta(days=1), must_change=False)
    return person


@pytest.fixture
def check() -> Check:
    def run(username: str, password: str, at: datetime, address: str = "10.0.0.1") -> services.LoginStep:
        return services.check_login(username, password, now=at, address=address, user_agent="测试浏览器")

    return run


def test_the_right_password_goes_through_and_is_written(li: Person, check: Check, now: datetime) -> None:
    step = check(" LI.SI ", GOOD, now)
    assert (step.person, step.needs) == (li, "nothing")
    attempt = LoginAttempt.objects.get()
    assert (attempt.outcome, attempt.address, attempt.user_agent) == ("success", "10.0.0.1", "测试浏览器")
    assert AuditEntry.objects.get(action="identity.signed_in").actor_id == li.pk


@pytest.mark.parametrize("username", ["li.si", "nobody", "", "li\0si", "x" * 500, "' OR 1=1 --"])
def test_wrong_answers_are_the_same_for_known_and_unknown_names(
    username: str, li: Person, check: Check, now: datetime
) -> None:
    with pytest.raises(services.LoginRefused) as caught:
        check(username, "wrong", now)
    assert (caught.value.what, caught.value.status) == ("用户名或口令不正确。", 401)


@pytest.mark.parametrize("username", ["li.si", "nobody"])
def test_the_fifth_failure_locks_known_and_unknown_names_alike(
    username: str, li: Person, check: Check, now: datetime
) -> None:
    for n in range(4):
        with pytest.raises(services.LoginRefused):
            check(username, "wrong", now + n * MINUTE)
    with pytest.raises(services.LockedOut, match="账户已锁定 15 分"):
        check(username, "wrong", now + 4 * MINUTE)
    for after in (5, 12, 18.9):
        with pytest.raises(services.LockedOut):
            check(username, GOOD, now + after * MINUTE)
    if username == "li.si":
        assert check(username, GOOD, now + 19 * MINUTE).person == li
        assert AuditEntry.objects.filter(action="identity.locked").count() == 1
    else:
        with pytest.raises(services.LoginRefused):
            check(username, GOOD, now + 19 * MINUTE)


def test_the_last_tries_are_announced(li: Person, check: Check, now: datetime) -> None:
    said = []
    for n in range(4):
        with pytest.raises(services.LoginRefused) as caught:
            check("li.si", "wrong", now + timedelta(seconds=n))
        said.append(caught.value.todo)
    assert said[0] == "请重新输入。"
    assert said[3].startswith("再输错 1 次")


def test_a_success_clears_the_count(li: Person, check: Check, now: datetime) -> None:
    for n in range(4):
        with pytest.raises(services.LoginRefused):
            check("li.si", "wrong", now + timedelta(seconds=n))
    check("li.si", GOOD, now + timedelta(seconds=5))
    assert services.lock_of("li.si", now=now + MINUTE).left == 5


def test_an_address_that_tries_many_names_is_refused_others_are_not(
    li: Person, check: Check, now: datetime
) -> None:
    for n in range(30):
        with pytest.raises(services.LoginRefused):
            check(f"name{n}", "wrong", now + timedelta(seconds=n), "10.9.9.9")
    with pytest.raises(services.LockedOut, match="网络地址"):
        check("li.si", GOOD, now + MINUTE, "10.9.9.9")
    assert check("li.si", GOOD, now + MINUTE, "10.0.0.2").person == li
    assert check("li.si", GOOD, now + 16 * MINUTE, "10.9.9.9").person == li


def test_attempts_count_before_the_password_is_looked_at(
    li: Person, check: Check, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many requests at once get no more tries: each is a failure until it proves otherwise."""
    left: list[int] = []

    def slow(person: Person | None, password: str) -> bool:
        left.append(services.lock_of("li.si", now=now).left)
        return False

    monkeypatch.setattr(passwords, "is_right", slow)
    with pytest.raises(services.LoginRefused):
        check("li.si", "wrong", now)
    assert left == [4]


def test_closed_and_service_accounts_do_not_get_in(li: Person, check: Check, now: datetime) -> None:
    Person.objects.update(is_active=False)
    with pytest.raises(services.LoginRefused, match="账户已停用"):
        check("li.si", GOOD, now)
    with pytest.raises(
        services.LoginRefused, match="用户名或口令不正确"
    ):  # whoever knows no password learns nothing
        check("li.si", "wrong", now)
    Person.objects.update(is_active=True, kind="service")
    with pytest.raises(services.LoginRefused, match="用户名或口令不正确"):
        check("li.si", GOOD, now)


def test_administrators_have_to_bind_a_device_others_do_not(
    li: Person, check: Check, now: datetime, settings: Any
) -> None:
    factories.grant(li, "audit_admin", li.org)
    assert check("li.si", GOOD, now).needs == "enrol"
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    assert check("li.si", GOOD, now).needs == "nothing"


def test_a_password_alone_is_no_login_when_a_code_is_due(li: Person, check: Check, now: datetime) -> None:
    factories.grant(li, "audit_admin", li.org)
    check("li.si", GOOD, now)
    assert LoginAttempt.objects.get().outcome == "passed"
    assert not AuditEntry.objects.filter(action="identity.signed_in").exists()


def test_locked_accounts_are_listed_for_their_keeper_only(
    province: dict[str, OrgUnit], li: Person, people_admin: Person, check: Check, now: datetime
) -> None:
    for n in range(5):
        with pytest.raises((services.LoginRefused, services.LockedOut)):
            check("li.si", "wrong", now + timedelta(seconds=n))
    later = now + MINUTE
    found = queries.locked_accounts(factories.scope_of(people_admin, later), now=later)
    assert [(account.person, account.failures) for account in found] == [(li, 5)]
    neighbour = factories.person("nb", province["145020"], "system_admin")
    assert queries.locked_accounts(factories.scope_of(neighbour, later), now=later) == []
    services.unlock(factories.scope_of(people_admin, later), li, now=later)
    assert queries.locked_accounts(factories.scope_of(people_admin, later), now=later) == []


def test_one_click_is_for_the_demonstration_only(li: Person, now: datetime, settings: Any) -> None:
    with pytest.raises(NotFound):
        services.demo_login("li.si", now=now, address="")
    settings.CONFIG = replace(settings.CONFIG, demo=True)
    assert services.demo_login("li.si", now=now, address="") == li
    with pytest.raises(NotFound):
        services.demo_login("nobody", now=now, address="")
    Person.objects.update(is_active=False)
    with pytest.raises(NotFound):
        services.demo_login("li.si", now=now, address="")


def test_the_demonstration_offers_one_account_a_role(
    province: dict[str, OrgUnit], now: datetime, settings: Any
) -> None:
    for n in range(3):
        factories.person(f"viewer{n}", province["145011"], "viewer")
    factories.person("boss", province["145000"], "system_admin")
    assert queries.demo_accounts(now=now) == []
    settings.CONFIG = SimpleNamespace(demo=True)
    found = queries.demo_accounts(now=now)
    assert [(account.username, account.role) for account in found] == [
        ("boss", "系统管理员"),
        ("viewer0", "只读"),
    ]
