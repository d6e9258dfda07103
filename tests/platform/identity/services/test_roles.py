"""Roles are granted within one's area, never to oneself, never two administrators."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity import permissions, services
from taxops.platform.identity.models import OrgUnit, Person, Role, RoleAssignment, RoleKind
from taxops.platform.identity.policy import seeded_roles
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, OrgUnit]


@pytest.fixture
def scope(security_admin: Person, now: datetime) -> Scope:
    return factories.scope_of(security_admin, now)


@pytest.fixture
def li(province: Units) -> Person:
    return factories.person("li", province["145011"])


def _role(code: str) -> Role:
    return Role.objects.get(code=code)


def _grant(
    scope: Scope, now: datetime, person: Person, role: str, org: OrgUnit | None = None, **when: datetime
) -> RoleAssignment:
    return services.grant(scope, now=now, person=person, role=_role(role), org=org or person.org, **when)


def test_a_grant_works_at_once_and_is_audited(scope: Scope, li: Person, now: datetime) -> None:
    made = _grant(scope, now, li, "onsite_engineer")
    assert made.granted_by_id == scope.actor_id
    assert factories.scope_of(li, now).allows("monitoring.edit", li.org.path)
    entry = AuditEntry.objects.get(action="identity.granted")
    assert (entry.kind, entry.object_id) == ("person", str(li.pk))


def test_a_scheduled_grant_begins_and_expires(scope: Scope, li: Person, now: datetime) -> None:
    day = timedelta(days=1)
    _grant(scope, now, li, "viewer", valid_from=now + day, valid_to=now + 3 * day)
    for after, holds in ((timedelta(), False), (day, True), (2 * day, True), (3 * day, False)):
        assert factories.scope_of(li, now + after).has("monitoring.view") == holds


@pytest.mark.parametrize(
    ("_case", "start", "end"),
    [
        ("ends before it begins", 5, 4),
        ("ends when it begins", 5, 5),
        ("ended already", None, 0),
        ("backdated", -1, 5),
    ],
)
def test_an_empty_or_backdated_validity_is_refused(
    _case: str, start: int | None, end: int, scope: Scope, li: Person, now: datetime
) -> None:
    when = {"valid_to": now + timedelta(days=end)}
    if start is not None:
        when["valid_from"] = now + timedelta(days=start)
    with pytest.raises(BadInput):
        _grant(scope, now, li, "viewer", **when)
    assert not RoleAssignment.objects.filter(person=li).exists()


def test_nobody_grants_to_himself(scope: Scope, security_admin: Person, now: datetime) -> None:
    with pytest.raises(NotPermitted, match="不得给自己授权"):
        _grant(scope, now, security_admin, "viewer")


def test_only_within_the_grantors_area(
    province: Units, li: Person, people_admin: Person, now: datetime
) -> None:
    city = factories.scope_of(factories.person("citysec", province["145020"], "security_admin"), now)
    stranger_here = factories.person("wang", province["145021"])
    with pytest.raises(NotPermitted):
        _grant(city, now, stranger_here, "viewer", province["145011"])
    with pytest.raises(NotFound):
        _grant(city, now, li, "viewer", province["145021"])
    with pytest.raises(NotPermitted):
        _grant(factories.scope_of(people_admin, now), now, stranger_here, "viewer")
    _grant(city, now, stranger_here, "viewer")


@pytest.mark.parametrize("second", ["system_admin", "audit_admin"])
def test_two_administrators_in_one_person_are_refused(
    second: str, scope: Scope, li: Person, now: datetime
) -> None:
    _grant(scope, now, li, "security_admin")
    with pytest.raises(Conflict, match="三员互斥"):
        _grant(scope, now, li, second)
    _grant(scope, now, li, "viewer")  # ordinary roles are no matter


def test_one_administrator_after_another_is_allowed(scope: Scope, li: Person, now: datetime) -> None:
    week = timedelta(days=7)
    _grant(scope, now, li, "system_admin", valid_to=now + week)
    _grant(scope, now, li, "audit_admin", valid_from=now + week)


def test_the_same_role_twice_at_one_time_is_a_conflict(scope: Scope, li: Person, now: datetime) -> None:
    _grant(scope, now, li, "viewer", valid_to=now + timedelta(days=7))
    with pytest.raises(Conflict, match="已经担任"):
        _grant(scope, now, li, "viewer", valid_from=now + timedelta(days=6))


def test_closed_people_roles_and_places_get_nothing(
    province: Units, scope: Scope, li: Person, now: datetime
) -> None:
    _role("viewer")
    Person.objects.filter(pk=li.pk).update(is_active=False)
    with pytest.raises(Conflict):
        _grant(scope, now, li, "viewer")


def test_revoking_works_at_once_and_only_once(scope: Scope, li: Person, now: datetime) -> None:
    made = _grant(scope, now, li, "viewer")
    later = now + timedelta(hours=1)
    services.revoke(scope, made, now=later, reason="调岗")
    assert not factories.scope_of(li, later).has("monitoring.view")
    with pytest.raises(Conflict):
        services.revoke(scope, made, now=later)


def test_revoking_what_has_not_begun_makes_it_never_begin(scope: Scope, li: Person, now: datetime) -> None:
    made = _grant(scope, now, li, "viewer", valid_from=now + timedelta(days=5))
    services.revoke(scope, made, now=now)
    assert not factories.scope_of(li, now + timedelta(days=6)).has("monitoring.view")


def test_nobody_revokes_his_own_or_a_neighbours(
    province: Units, scope: Scope, security_admin: Person, li: Person, now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        services.revoke(scope, RoleAssignment.objects.get(person=security_admin), now=now)
    made = _grant(scope, now, li, "viewer")
    city = factories.scope_of(factories.person("citysec", province["145020"], "security_admin"), now)
    with pytest.raises(NotFound):
        services.revoke(city, made, now=now)


def test_a_role_is_made_changed_and_audited(scope: Scope, now: datetime) -> None:
    role = services.create_role(scope, now=now, code="night", name="夜班", permissions=["monitoring.view"])
    services.edit_role(scope, role, now=now, name="夜班", permissions=["monitoring.view", "monitoring.run"])
    entry = AuditEntry.objects.get(action="identity.role_edited")
    assert '"权限":["monitoring.view"]' in entry.before
    assert '"权限":["monitoring.run","monitoring.view"]' in entry.after


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"permissions": ["nothing.known"]}, BadInput, "nothing.known"),
        ({"permissions": ["audit.view"]}, BadInput, "三员分立"),
        ({"permissions": ["identity.grant"], "kind": "system_admin"}, BadInput, "三员分立"),
        ({"kind": "boss"}, BadInput, "角色类别"),
        ({"code": "no spaces"}, BadInput, "角色代码"),
        ({"name": " "}, BadInput, "角色名称"),
        ({"code": "viewer"}, Conflict, "已被使用"),
        ({"name": "只读"}, Conflict, "已被使用"),
    ],
)
def test_what_a_role_cannot_be_is_refused(
    given: dict[str, object], error: type[Exception], said: str, scope: Scope, now: datetime
) -> None:
    n_roles = Role.objects.count()
    known = {"code": "night", "name": "夜班", "permissions": [], **given}
    with pytest.raises(error, match=said):
        services.create_role(scope, now=now, **known)  # type: ignore[arg-type]  # cases of a table
    assert Role.objects.count() == n_roles


def test_roles_are_the_whole_provinces_business(province: Units, li: Person, now: datetime) -> None:
    city = factories.scope_of(factories.person("citysec", province["145020"], "security_admin"), now)
    with pytest.raises(NotPermitted):
        services.create_role(city, now=now, code="night", name="夜班", permissions=[])
    with pytest.raises(NotPermitted):
        services.edit_role(city, _role("viewer"), now=now, name="只读", permissions=["monitoring.edit"])


def test_nobody_adds_to_a_role_that_he_holds_himself(scope: Scope, now: datetime) -> None:
    role = _role("security_admin")
    with pytest.raises(NotPermitted, match="自己担任的角色"):
        services.edit_role(
            scope,
            role,
            now=now,
            name=role.name,
            kind=role.kind,
            permissions=[*role.permissions, "monitoring.edit"],
        )


def test_changing_a_kind_cannot_make_two_administrators_of_one(
    scope: Scope, li: Person, now: datetime
) -> None:
    helper = services.create_role(scope, now=now, code="helper", name="助理", permissions=[])
    _grant(scope, now, li, "system_admin")
    _grant(scope, now, li, "helper")
    with pytest.raises(Conflict, match="三员互斥"):
        services.edit_role(scope, helper, now=now, name="助理", permissions=[], kind=RoleKind.AUDIT_ADMIN)
    helper.refresh_from_db()
    assert helper.kind == RoleKind.NORMAL


def test_seeding_is_idempotent_and_keeps_what_people_edited(
    scope: Scope, system: Scope, now: datetime
) -> None:
    assert services.seed_roles(system, now=now) == 0
    services.edit_role(scope, _role("viewer"), now=now, name="只读", permissions=["monitoring.view"])
    Role.objects.filter(code="second_line").update(permissions=["old.thing"])
    assert services.seed_roles(system, now=now) == 1
    assert _role("viewer").permissions == ["monitoring.view"]
    assert "monitoring.edit" in _role("second_line").permissions
    with pytest.raises(NotPermitted):
        services.seed_roles(scope, now=now)


def test_built_in_roles_use_permissions_that_exist() -> None:
    known = {permission.code for permission in permissions.all()}
    groups = {code.split(".")[0] for code in known}
    for role in seeded_roles():
        strange = {p for p in role["permissions"] if p not in known and p.split(".")[0] in groups}
        assert not strange, (role["code"], strange)
