"""Sources, their figures, events that match no system, and what Prometheus may find (接入查询)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.queries import list_alerts
from taxops.systems.operations.alerting.words import AlertState, Source
from taxops.systems.operations.monitoring.models import Check
from taxops.systems.operations.monitoring.queries import systems_for

from .models import IntakeSource

VIEW = "monitoring.view"


def list_sources(scope: Scope) -> QuerySet[IntakeSource]:
    """Return the sources within the actor's range."""
    return IntakeSource.objects.filter(within(scope, VIEW)).select_related("org", "token")


def get_source(scope: Scope, pk: int) -> IntakeSource:
    """Return one source.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_sources(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个接入来源。", "它可能不在您的管理范围内。")
    return found


def unmatched(scope: Scope, now: datetime) -> QuerySet[Alert]:
    """Return the open events that matched no system (未匹配事件), latest first."""
    return (
        list_alerts(scope, now)
        .filter(system=None)
        .exclude(source=Source.MONITORING)
        .exclude(state=AlertState.RESOLVED)
        .order_by("-opened_at", "-id")
    )


def get_unmatched(scope: Scope, now: datetime, pk: int) -> Alert:
    """Return one event that matched no system.

    Raises:
        NotFound: none within the actor's range, or it is assigned by now.
    """
    found = unmatched(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条未匹配的事件。", "它可能已经指派，或不在您的管理范围内。")
    return found


def recent_of(source: IntakeSource, scope: Scope, now: datetime, limit: int = 30) -> list[Alert]:
    """Return the latest alerts that a source made, within the reader's range."""
    rows = list_alerts(scope, now).filter(key__startswith=f"{source.code}:")
    return list(rows.order_by("-opened_at", "-id")[:limit])


def system_choices(scope: Scope) -> list[tuple[int, str]]:
    """Return `(id, name)` of the systems to which the actor may assign events."""
    return list(systems_for(scope, "intake.manage").values_list("pk", "name"))


def counts(scope: Scope) -> dict[str, int]:
    """Return how many sources there are, and how many of them are on."""
    return list_sources(scope).aggregate(n=Count("pk"), n_on=Count("pk", filter=Q(is_enabled=True)))


def targets(scope: Scope) -> list[dict[str, Any]]:
    """Return the checks' targets as Prometheus' HTTP service discovery wants them (服务发现); one query.

    Labels begin with `__meta_taxops_`, so that nothing is kept that a relabelling does not name.
    """
    rows = (
        Check.objects.filter(
            within(scope, VIEW, "system__org__path"), enabled=True, archived_at=None, system__archived_at=None
        )
        .exclude(target="")
        .select_related("system__org")
        .order_by("pk")
    )
    return [
        {
            "targets": [check.target],
            "labels": {
                "__meta_taxops_check": check.code,
                "__meta_taxops_name": check.name,
                "__meta_taxops_kind": check.kind,
                "__meta_taxops_system": check.system.code,
                "__meta_taxops_system_name": check.system.name,
                "__meta_taxops_zone": check.zone,
                "__meta_taxops_severity": check.severity,
                "__meta_taxops_org": check.system.org.path,
                "__meta_taxops_interval": f"{max(1, round(check.interval_s))}s",
            },
        }
        for check in rows
    ]
