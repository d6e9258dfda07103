"""Who is to be told (通知对象): those in charge, those of a role, those on duty, one person."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex

from taxops.platform.identity.models import OrgUnit, Person, Role, RoleAssignment
from taxops.systems.operations.duty import on_duty

RESPOND = "monitoring.run"
"""Those who may acknowledge are those who answer for it."""


def _held_above(org_path: str, now: datetime) -> QuerySet[RoleAssignment]:
    """Return the assignments that reach this organisation and hold now."""
    return (
        RoleAssignment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=now),
            valid_from__lte=now,
            role__is_active=True,
            person__is_active=True,
        )
        .annotate(place=StrIndex(Value(org_path), "org__path"))
        .filter(place=1)
    )


def responders(org_path: str, now: datetime) -> list[int]:
    """Return the ids of active people who hold the answering permission over this organisation; one query."""
    held = _held_above(org_path, now).values_list("person_id", "role__permissions")
    return sorted({person for person, codes in held if RESPOND in codes})


def people_of_role(code: str, org_path: str, now: datetime) -> list[int]:
    """Return the ids of active people who hold a role over this organisation; one query."""
    held = _held_above(org_path, now).filter(role__code=code).values_list("person_id", flat=True)
    return sorted(set(held))


def people_on_duty(org_path: str, now: datetime, post: str = "") -> list[int]:
    """Return who is on duty for this organisation, or for the nearest one above it that has a roster."""
    codes = [code for code in org_path.split("/") if code]
    ids = dict(OrgUnit.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in reversed(codes):
        found = on_duty(ids[code], now, post or None) if code in ids else ()
        if found:
            return sorted({one.person_id for one in found})
    return []


def active_people(ids: list[int]) -> list[int]:
    """Return those of the ids that belong to active people."""
    return sorted(Person.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))


def names_of(ids: list[int]) -> dict[int, str]:
    """Return people's names by id; one query."""
    return {person.pk: person.display_name for person in Person.objects.filter(pk__in=ids)}


def role_names() -> dict[str, str]:
    """Return the names of roles by code; one query."""
    return dict(Role.objects.values_list("code", "name"))


def usernames(ids: list[int]) -> list[str]:
    """Return people's user names, in order."""
    return list(Person.objects.filter(pk__in=ids).order_by("username").values_list("username", flat=True))
