"""Inhibitions (抑制规则), and what one would keep quiet now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from taxops.engines.alerts import held_pairs
from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import Alert, AlertInhibition
from taxops.systems.operations.alerting.rules import InhibitionFacts, inhibition_of

from .alerts import VIEW, open_alerts

MOST = 5000
"""Open alerts that a preview looks at."""


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """An alert that an inhibition keeps quiet, and the one that makes it so (被抑制的告警)."""

    alert: Alert
    because: Alert


def list_inhibitions(scope: Scope) -> QuerySet[AlertInhibition]:
    """Return the inhibitions of the actor's range and the platform's, those in force first."""
    if not scope.has(VIEW):
        return AlertInhibition.objects.none()
    return (
        AlertInhibition.objects.filter(Q(org=None) | within(scope, VIEW))
        .select_related("org")
        .annotate(
            is_retired=Case(
                When(retired_at__isnull=False, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        )
        .order_by("is_retired", "pk")
    )


def get_inhibition(scope: Scope, pk: int) -> AlertInhibition:
    """Return one inhibition.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_inhibitions(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条抑制规则。", "它可能不在您的管理范围内。")
    return found


def would_inhibit(scope: Scope, facts: InhibitionFacts, org_id: int | None = None) -> list[HeldAlert]:
    """Return the open alerts that an inhibition would keep quiet now (抑制试算); two queries.

    What the actor may not see is not looked at, as source or as target.

    Raises:
        BadInput: a condition cannot be read.
    """
    if not any(text.strip() for text in facts.source) or not any(text.strip() for text in facts.target):
        return []
    rule = inhibition_of(facts)
    rows = open_alerts(scope)
    org = OrgUnit.objects.filter(pk=org_id).first() if org_id else None
    if org is not None:
        rows = rows.filter(org__path__startswith=org.path)
    firing = list(rows.order_by("pk")[:MOST])
    return [HeldAlert(firing[t], firing[s]) for t, s in held_pairs(rule, [alert.labels for alert in firing])]
