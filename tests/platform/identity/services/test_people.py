"""Accounts are opened, changed, closed; each only within the keeper's area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity import services
from taxops.platform.identity.models import (
    ApiToken,
    LoginAttempt,
    OrgUnit,
    Person,
    PersonSession,
    RoleAssignment,
)
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]


def _create(scope: Scope, now: datetime, org: OrgUnit, **given: Any) -> Person:
    known = {"username": "qin.fang", "display_name": "覃芳", "org": org, **given}
    return services.create_person(scope, now=now, **known)


def test_an_account_is_opened_with_a_sort_key_and_an_audit_entry(
    province: Units, people_admin: Person, now: datetime
) -> None:
    made = _create(
        factories.scope_of(people_admin, now), now, province["145011"], password="Guilin-Shan-Shui-7"
    )
    assert made.pinyin.startswith("qin2fang1")
    assert made.must_change_password
    assert AuditEntry.objects.get(action="identity.person_created").org_path == province["145011"].path
    assert "Guilin" not in AuditEntry.objects.get(action="identity.person_created").after


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"username": "a"}, BadInput, "username"),
        ({"username": "a b"}, BadInput, "username"),
        ({"username": "张三"}, BadInput, "username"),
        ({"username": "x" * 65}, BadInput, "username"),
        ({"display_name": " "}, BadInput, "display_name"),
        ({"phone": "not a phone"}, BadInput, "phone"),
        ({"email": "nobody"}, BadInput, "email"),
        ({"password": "short"}, BadInput, "password"),
        ({"username": "SYSADMIN"}, Conflict, "username"),
    ],
)
def test_bad_details_are_refused_on_their_field_and_store_nothing(
    given: dict[str, str], error: Any, field: str, province: Units, people_admin: Person, now: datetime
) -> None:
    with pytest.raises(error) as caught:
        _create(factories.scope_of(people_admin, now), now, province["145011"], **given)
    assert caught.value.field == field
    assert Person.objects.count() == 1


def test_only_a_system_administrator_of_the_place_keeps_its_accounts(
    province: Units, security_admin: Person, now: datetime
) -> None:
    neighbour = factories.person("nb", province["145020"], "system_admin")
    li = factories.person("li", province["145011"])
    for scope in (factories.scope_of(neighbour, now), factories.scope_of(security_admin, now)):
        with pytest.raises(NotPermitted):
            _create(scope, now, province["145011"])
        for act in (services.deactivate, services.activate, services.reset_password, services.unlock):
            with pytest.raises((NotFound, NotPermitted)):
                act(scope, li, now=now)
        with pytest.raises((NotFound, NotPermitted)):
            services.edit_person(scope, li, now=now, display_name="乙", org=li.org)
    with pytest.raises(NotPermitted):  # nor may he push somebody into another's area
        services.edit_person(
            factories.scope_of(neighbour, now),
            factories.person("own", province["145021"]),
            now=now,
            display_name="乙",
            org=province["145011"],
        )


def test_a_transfer_is_written_with_both_organisations(
    province: Units, people_admin: Person, now: datetime
) -> None:
    li = factories.person("li", province["145011"])
    services.edit_person(
        factories.scope_of(people_admin, now), li, now=now, display_name="李四", org=province["145021"]
    )
    entry = AuditEntry.objects.get(action="identity.person_edited")
    assert '"所属机构":"145011"' in entry.before
    assert '"所属机构":"145021"' in entry.after


def test_closing_an_account_ends_sessions_tokens_and_roles_at_once(
    province: Units, people_admin: Person, now: datetime
) -> None:
    li = factories.person("li", province["145011"], permissions=["monitoring.view"])
    factories.grant(li, factories.role("later"), li.org, valid_from=now + timedelta(days=3))
    token, _ = factories.token(["monitoring.view"], li.org)
    ApiToken.objects.update(person=li)
    session = services.begin_session(li, now=now, address="10.0.0.1")
    services.deactivate(factories.scope_of(people_admin, now), li, now=now, reason="调离")
    assert PersonSession.objects.get(pk=session.pk).ended_because == "inactive"
    token.refresh_from_db()
    assert token.revoked_at == now
    assert {held.valid_to for held in RoleAssignment.objects.filter(person=li)} == {
        now,
        now + timedelta(days=3),
    }
    services.activate(factories.scope_of(people_admin, now), li, now=now)
    li.refresh_from_db()
    later = factories.scope_of(li, now + timedelta(days=5))
    assert li.is_active
    assert set(later.grants) == {"notify.view"}


def test_nobody_closes_unlocks_or_resets_himself(people_admin: Person, now: datetime) -> None:
    scope = factories.scope_of(people_admin, now)
    for act in (services.deactivate, services.unlock, services.reset_password):
        with pytest.raises(Conflict):
            act(scope, people_admin, now=now)


def test_a_reset_password_is_strong_temporary_and_ends_sessions(
    province: Units, people_admin: Person, now: datetime
) -> None:
    li = factories.person("li", province["145011"])
    session = services.begin_session(li, now=now, address="")
    password = services.reset_password(factories.scope_of(people_admin, now), li, now=now)
    step = services.check_login("li", password, now=now, address="")
    assert step.person.must_change_password
    assert PersonSession.objects.get(pk=session.pk).ended_because == "password"
    assert password not in "".join(AuditEntry.objects.values_list("after", flat=True))


def test_service_and_closed_accounts_have_no_password_to_reset(
    province: Units, people_admin: Person, now: datetime
) -> None:
    service = factories.person("svc", province["145011"], kind="service")
    closed = factories.person("gone", province["145011"], is_active=False)
    for who in (service, closed):
        with pytest.raises(Conflict):
            services.reset_password(factories.scope_of(people_admin, now), who, now=now)


def test_everybody_changes_his_own_phone_and_nobody_elses(province: Units, now: datetime) -> None:
    li, wang = factories.person("li", province["145011"]), factories.person("wang", province["145011"])
    scope = factories.scope_of(li, now)
    services.edit_own_details(scope, li, now=now, phone="13907710000", email="")
    li.refresh_from_db()
    assert li.phone == "13907710000"
    with pytest.raises(NotPermitted):
        services.edit_own_details(scope, wang, now=now, phone="", email="")
    with pytest.raises(NotPermitted):  # a program with his token does not either
        services.edit_own_details(factories.scope_of(li, now, via="api"), li, now=now, phone="", email="")


def test_unlocking_lets_somebody_try_again(province: Units, people_admin: Person, now: datetime) -> None:
    li = factories.person("li", province["145011"])
    for n in range(5):
        LoginAttempt.objects.create(username="li", person=li, at=now + timedelta(seconds=n), outcome="failed")
    later = now + timedelta(minutes=1)
    assert services.lock_of("li", now=later).is_locked
    services.unlock(factories.scope_of(people_admin, later), li, now=later)
    assert not services.lock_of("li", now=later).is_locked


def test_a_ready_hash_is_for_the_platform_only(
    province: Units, people_admin: Person, system: Scope, now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        _create(factories.scope_of(people_admin, now), now, province["145011"], password_hash="x")
    made = _create(system, now, province["145011"], password_hash="md5$a$b", must_change=False)
    assert made.password == "md5$a$b"
