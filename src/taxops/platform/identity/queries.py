"""What identity can be asked; the scope is always an argument."""

from __future__ import annotations

from django.db.models import Q

from taxops.engines.base import Scope


def within(scope: Scope, permission: str, field: str = "org__path") -> Q:
    """Return the condition that keeps the rows whose organisation lies where `permission` holds (权限范围内).

    Args:
        scope: who asks.
        permission: what they need to hold there.
        field: path of the row to the organisation's `path`.
    """
    paths = scope.paths(permission)
    if "" in paths:
        return Q()
    if not paths:
        return Q(pk__in=())
    condition = Q()
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition
