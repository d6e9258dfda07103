"""Samples of identity: organisations, people, roles, assignments, tokens, sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import ApiToken, OrgUnit, Person, PersonSession, Role, RoleAssignment
from tests import factories
from tests.contracts.samples import World, rows, sample


def _number() -> int:
    return Person.objects.count() + OrgUnit.objects.count() + Role.objects.count()


def _person(org: OrgUnit, **fields: Any) -> Person:
    return factories.person(f"someone{_number()}", org, **fields)


@rows("identity-orgs")
def orgs(world: World, org: OrgUnit, count: int) -> object:
    """Make halls below the organisation."""
    return [factories.org(f"{org.code}N{_number()}", org, "hall") for _ in range(count)]


@sample(
    "identity-org", "identity-org-edit", "identity-org-move", "identity-org-merge", "identity-org-close",
    extra=["identity.view"],
)  # fmt: skip
def org_of(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Show the organisation itself."""
    return {"code": org.code}


@rows("identity-people")
def people(world: World, org: OrgUnit, count: int) -> object:
    """Make people of the organisation."""
    return [_person(org) for _ in range(count)]


@sample(
    "identity-person", "identity-person-edit", "identity-person-reset", "identity-person-device",
    "identity-person-unlock", "identity-person-close", "identity-grant", extra=["identity.view"],
)  # fmt: skip
def person(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make somebody of the organisation."""
    return {"pk": _person(org).pk}


@sample("identity-person-open", extra=["identity.view"])
def closed_person(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make somebody whose account is closed."""
    return {"pk": _person(org, is_active=False).pk}


ROLES_ARE_SHARED = "roles are the same everywhere; who holds them where is not"


@rows("identity-roles", shared=ROLES_ARE_SHARED)
def roles(world: World, org: OrgUnit, count: int) -> object:
    """Make roles."""
    return [factories.role(f"role{_number()}", ["notify.view"]) for _ in range(count)]


@sample("identity-role", "identity-role-edit", extra=["identity.view"], shared=ROLES_ARE_SHARED)
def role(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make a role."""
    return {"code": factories.role(f"role{_number()}", ["notify.view"]).code}


def _assignment(org: OrgUnit) -> RoleAssignment:
    return factories.grant(_person(org), factories.role("watcher", ["notify.view"]), org)


@rows("identity-assignments")
def assignments(world: World, org: OrgUnit, count: int) -> object:
    """Make assignments over the organisation."""
    return [_assignment(org) for _ in range(count)]


@sample("identity-revoke", extra=["identity.view"])
def assignment(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make an assignment over the organisation."""
    return {"pk": _assignment(org).pk}


@rows("identity-tokens")
def tokens(world: World, org: OrgUnit, count: int) -> object:
    """Make tokens that work within the organisation."""
    return [factories.token(["notify.view"], org) for _ in range(count)]


@sample("identity-token-revoke", extra=["identity.token"])
def token(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make a token that works within the organisation."""
    made, _ = factories.token(["notify.view"], org)
    return {"pk": ApiToken.objects.get(pk=made.pk).pk}


@sample("account-session-end", extra=["identity.people"])
def session(world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Make a session of somebody of the organisation."""
    held = PersonSession.objects.create(
        person=_person(org), key=f"sample{_number()}", started_at=world.now, seen_at=world.now
    )
    return {"pk": held.pk}
