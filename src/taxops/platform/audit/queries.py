"""Reading the trail (查阅审计日志)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from taxops.engines.base import Scope

from .models import AuditEntry, AuditSeal

PERMISSION = "audit.view"


def list_entries(
    scope: Scope,
    *,
    actor: str = "",
    action: str = "",
    kind: str = "",
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    org_path: str = "",
) -> QuerySet[AuditEntry]:
    """Return the entries an auditor may see (审计记录), newest first; filters narrow them.

    Entries without an organisation (platform settings, logins by unknown names) are seen by auditors
    of everything only.
    """
    found = AuditEntry.objects.filter(_within(scope)).order_by("-seq")
    if actor:
        found = found.filter(actor_name__icontains=actor)
    if action:
        found = found.filter(action__startswith=action)
    if kind:
        found = found.filter(kind=kind)
    if object_id:
        found = found.filter(object_id=object_id)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    if org_path:
        found = found.filter(org_path__startswith=org_path)
    return found


def _within(scope: Scope) -> Q:
    paths = scope.paths(PERMISSION)
    if not paths:
        return Q(pk__in=())
    inside = Q()
    for path in paths:
        if not path:
            return Q()
        inside |= Q(org_path__startswith=path)
    return inside


def history(kind: str, object_id: object) -> QuerySet[AuditEntry]:
    """Return what happened to one thing (变更历史), newest first.

    The caller has shown that the reader may see the thing itself; its history belongs to it.
    """
    return AuditEntry.objects.filter(kind=kind, object_id=str(object_id)).order_by("-seq")


def find(scope: Scope, seq: int) -> AuditEntry | None:
    """Return one entry within the scope (审计记录), or None."""
    return list_entries(scope).filter(seq=seq).first()


def list_seals(scope: Scope) -> QuerySet[AuditSeal]:
    """Return the seals (封签), newest first; they tell nothing but hashes.

    Raises:
        NotPermitted: the actor is no auditor.
    """
    scope.require(PERMISSION)
    return AuditSeal.objects.order_by("-seq")
