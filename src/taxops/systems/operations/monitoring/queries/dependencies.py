"""Dependencies: which there are, and what is suppressed now (依赖与抑制)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Check, Dependency, Outage

from .windows import VIEW


def suppressed_checks() -> QuerySet[Outage, Any]:
    """Return the ids of checks whose open outage is another's doing (受影响), to be used inside a query."""
    return Outage.objects.filter(
        ended_at=None, withdrawn_at=None, suppressed_by__isnull=False, counts_from=None
    ).values("check_row_id")


def suppressed_by(check: Check) -> Outage | None:
    """Return the outage that explains a check's present one (抑制来源), or None."""
    found = (
        Outage.objects.filter(
            check_row=check, ended_at=None, withdrawn_at=None, suppressed_by__isnull=False, counts_from=None
        )
        .select_related("suppressed_by__check_row", "suppressed_by__system")
        .first()
    )
    return None if found is None else found.suppressed_by


def list_dependencies(scope: Scope) -> QuerySet[Any]:
    """Return what persons said depends on what, within the actor's range (依赖关系列表)."""
    return (
        Dependency.objects.filter(
            within(scope, VIEW, "child_check__system__org__path")
            | within(scope, VIEW, "child_system__org__path")
        )
        .select_related("child_check__system", "child_system", "parent_check__system", "parent_system")
        .annotate(
            child_name=Coalesce(F("child_check__name"), F("child_system__name")),
            parent_name=Coalesce(F("parent_check__name"), F("parent_system__name")),
        )
        .order_by("child_name", "pk")
    )


def get_dependency(scope: Scope, pk: int) -> Any:
    """Return one dependency.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_dependencies(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条依赖。", "它可能已被取消，或不在您的管理范围内。")
    return found
