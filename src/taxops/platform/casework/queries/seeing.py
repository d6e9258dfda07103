"""Who may see which case (查看范围)."""

from __future__ import annotations

from django.db.models import Q

from taxops.engines.base import Scope
from taxops.engines.cases import CaseType
from taxops.platform.identity.queries import within

VIEW = "cases.view"


def visible(scope: Scope) -> Q:
    """Return the condition that keeps what an actor may see: his organisations' cases and those he opened."""
    seen = within(scope, VIEW)
    if scope.actor_id is not None:
        seen |= Q(opened_by=scope.actor_id)
    return seen


def roles_of(scope: Scope, kind: CaseType, path: str) -> frozenset[str]:
    """Return the roles of a type that the actor holds at an organisation (在该机构持有的角色)."""
    named = {role for step in kind.transitions.values() for role in step.roles} | set(kind.openers)
    return frozenset(role for role in named if scope.allows(role, path))
