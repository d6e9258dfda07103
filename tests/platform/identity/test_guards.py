"""The database itself keeps the three administrators apart, whatever the application thinks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from taxops.platform.identity import guards
from taxops.platform.identity.models import Person, RoleAssignment, RoleKind
from tests import factories

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, tzinfo=UTC)
KINDS = [RoleKind.SYSTEM_ADMIN, RoleKind.SECURITY_ADMIN, RoleKind.AUDIT_ADMIN]


@pytest.fixture
def somebody() -> Person:
    return factories.person("li", factories.org("145000"))


def _insert(person: Person, role_id: int, start: datetime, end: datetime | None) -> None:
    """Insert by SQL alone, as somebody at the database prompt would."""
    adapt = connection.ops.adapt_datetimefield_value
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_roleassignment"
            " (person_id, role_id, org_id, valid_from, valid_to, granted_at, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, '')",
            [person.pk, role_id, person.org_id, adapt(start), adapt(end) if end else None, adapt(start)],
        )


def _roles() -> dict[RoleKind, int]:
    return {kind: factories.role(kind.value, kind=kind).pk for kind in KINDS}


def test_the_triggers_are_there_after_all_migrations() -> None:
    assert guards.missing(connection) == []


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_raw_insert_of_a_second_administrator_kind_is_refused(
    first: RoleKind, second: RoleKind, somebody: Person
) -> None:
    roles = _roles()
    _insert(somebody, roles[first], T0, None)
    if first == second:
        _insert(somebody, roles[second], T0, None)
        return
    with pytest.raises(IntegrityError, match=guards.MARK):
        _insert(somebody, roles[second], T0 + timedelta(days=10), None)
    assert RoleAssignment.objects.filter(person=somebody).count() == 1


@pytest.mark.parametrize(
    ("_case", "a", "b", "allowed"),
    [
        ("one after the other, touching", (0, 10), (10, 20), True),
        ("one after the other, reversed", (10, 20), (0, 10), True),
        ("overlapping by a day", (0, 11), (10, 20), False),
        ("one inside the other", (0, 30), (10, 20), False),
        ("around the other", (10, 20), (0, 30), False),
        ("the first is open ended", (0, None), (100, 110), False),
        ("the second is open ended", (100, 110), (0, None), False),
        ("open ended after the first's end", (0, 10), (10, None), True),
        ("the first was taken back before it began", (10, 10), (0, None), True),
        ("the second is empty", (0, None), (5, 5), True),
    ],
)
def test_only_overlapping_validity_excludes(
    _case: str, a: tuple[int, int | None], b: tuple[int, int | None], allowed: bool, somebody: Person
) -> None:
    roles = _roles()

    def days(span: tuple[int, int | None]) -> tuple[datetime, datetime | None]:
        return T0 + timedelta(days=span[0]), None if span[1] is None else T0 + timedelta(days=span[1])

    _insert(somebody, roles[RoleKind.SYSTEM_ADMIN], *days(a))
    if allowed:
        _insert(somebody, roles[RoleKind.AUDIT_ADMIN], *days(b))
    else:
        with pytest.raises(IntegrityError, match=guards.MARK):
            _insert(somebody, roles[RoleKind.AUDIT_ADMIN], *days(b))


def test_raw_update_of_role_person_or_validity_is_refused(somebody: Person) -> None:
    roles = _roles()
    normal = factories.role("viewer").pk
    other = factories.person("wang", somebody.org)
    _insert(somebody, roles[RoleKind.SYSTEM_ADMIN], T0, T0 + timedelta(days=10))
    _insert(somebody, normal, T0, None)
    _insert(other, roles[RoleKind.AUDIT_ADMIN], T0, None)
    _insert(somebody, roles[RoleKind.SECURITY_ADMIN], T0 + timedelta(days=10), None)
    for change, where in (
        (f"role_id = {roles[RoleKind.AUDIT_ADMIN]}", f"role_id = {normal}"),
        (f"person_id = {somebody.pk}", f"person_id = {other.pk}"),
        ("valid_to = NULL", f"role_id = {roles[RoleKind.SYSTEM_ADMIN]}"),
    ):
        with (
            pytest.raises(IntegrityError, match=guards.MARK),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE identity_roleassignment SET {change} WHERE {where}")


def test_raw_change_of_a_roles_kind_is_refused_when_a_holder_would_have_two(somebody: Person) -> None:
    roles = _roles()
    helper = factories.role("helper").pk
    _insert(somebody, roles[RoleKind.SYSTEM_ADMIN], T0, None)
    _insert(somebody, helper, T0, None)
    with (
        pytest.raises(IntegrityError, match=guards.MARK),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE identity_role SET kind = 'audit_admin' WHERE id = %s", [helper])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_role SET kind = 'system_admin' WHERE id = %s", [helper])


def test_raw_assignment_to_oneself_is_refused(somebody: Person) -> None:
    role = factories.role("viewer")
    with pytest.raises(IntegrityError, match="not_self"), transaction.atomic():
        RoleAssignment.objects.create(
            person=somebody, role=role, org=somebody.org, valid_from=T0, granted_at=T0, granted_by=somebody
        )


def test_bulk_writes_of_the_orm_meet_the_triggers_too(somebody: Person) -> None:
    roles = _roles()
    wanted = [
        RoleAssignment(person=somebody, role_id=roles[kind], org=somebody.org, valid_from=T0, granted_at=T0)
        for kind in KINDS
    ]
    with pytest.raises(IntegrityError, match=guards.MARK), transaction.atomic():
        RoleAssignment.objects.bulk_create(wanted)
    assert not RoleAssignment.objects.exists()


def test_missing_names_a_trigger_that_was_dropped(transactional_db: None) -> None:
    with connection.schema_editor() as editor:
        guards.remove(None, editor)
    assert len(guards.missing(connection)) == 3
    with connection.schema_editor() as editor:
        guards.install(None, editor)
    assert guards.missing(connection) == []
