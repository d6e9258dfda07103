"""From a person to what he may do where at this moment (权限范围)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person, RoleAssignment

EVERYONE = ("notify.view",)
"""Held by everybody who is signed in, at his own organisation."""


def anonymous(address: str = "") -> Scope:
    """Return the scope of somebody who has not signed in (未登录): no actor, no grants."""
    return Scope(actor_id=None, actor_name="未登录", address=address)


def scope_for(person: Person, *, now: datetime, address: str = "", via: str = "page") -> Scope:
    """Return what a person may do where at `now`, from the assignments valid then; one query."""
    grants: dict[str, set[str]] = {}
    for code in EVERYONE:
        grants.setdefault(code, set()).add(person.org.path)
    held = (
        RoleAssignment.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=now), person=person, valid_from__lte=now
        )
        .filter(role__is_active=True, person__is_active=True)
        .values_list("role__permissions", "org__path")
    )
    for codes, path in held:
        for code in codes:
            grants.setdefault(code, set()).add(path)
    return Scope(
        actor_id=person.pk,
        actor_name=person.display_name,
        grants={code: tuple(sorted(paths)) for code, paths in grants.items()},
        address=address,
        via=via,
    )
