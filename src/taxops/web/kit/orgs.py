"""Organisations for the kit's pickers (机构选择): within the scope, found by name, code or pinyin."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit

LIMIT = 30


def find(code: str) -> OrgUnit | None:
    """Return the organisation with this code, or None."""
    return OrgUnit.objects.filter(code=code).first()


def choices(scope: Scope, permission: str | None, text: str = "", under: str = "") -> list[OrgUnit]:
    """Return at most 30 organisations within the scope that match `text`, or the children of `under`.

    Args:
        scope: who asks.
        permission: within whose organisations; None: all.
        text: part of a name, of a code or of the pinyin initials.
        under: code of an organisation whose children are wanted.
    """
    units = OrgUnit.objects.all()
    if permission is not None:
        allowed = Q(pk__in=[])
        for path in scope.paths(permission):
            allowed |= Q(path__startswith=path)
        units = units.filter(allowed)
    text = text.replace("\x00", "").strip()[:50]
    if text:
        units = units.filter(
            Q(name__icontains=text) | Q(code__startswith=text) | Q(pinyin__icontains=text.lower())
        )
    elif under:
        units = units.filter(parent__code=under)
    return list(units.order_by("path")[:LIMIT])


def listed() -> QuerySet[OrgUnit]:
    """Return all organisations with their parents, as the living page lists them."""
    return OrgUnit.objects.select_related("parent")
