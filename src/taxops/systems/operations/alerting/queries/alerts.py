"""Alerts, their history and what was told of them (告警查询)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, DurationField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.words import AlertState
from taxops.systems.operations.words import Severity

VIEW = "monitoring.view"


def list_alerts(scope: Scope, now: datetime) -> QuerySet[Alert]:
    """Return the alerts within the actor's range: open first, then confirmed, then over; worst first."""
    return (
        Alert.objects.filter(within(scope, VIEW), outage__withdrawn_at=None)
        .select_related("org", "system__org", "outage__check_row", "acknowledged_by")
        .annotate(
            urgency=Case(
                When(state=AlertState.OPEN, then=Value(0)),
                When(state=AlertState.ACKNOWLEDGED, then=Value(1)),
                default=Value(2),
            ),
            gravity=Case(
                When(severity=Severity.CRITICAL, then=Value(0)),
                When(severity=Severity.MAJOR, then=Value(1)),
                default=Value(2),
            ),
            lasted=ExpressionWrapper(
                Coalesce(F("outage__ended_at"), F("resolved_at"), Value(now)) - F("since_at"),
                output_field=DurationField(),
            ),
        )
        .order_by("urgency", "gravity", "-opened_at", "-id")
    )


def get_alert(scope: Scope, now: datetime, pk: int) -> Alert:
    """Return one alert.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_alerts(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条告警。", "它可能不在您的管理范围内。")
    return found


def open_alerts(scope: Scope, permission: str = VIEW) -> QuerySet[Alert]:
    """Return the alerts that are not over and not under maintenance, within the range of a permission."""
    return Alert.objects.filter(~Q(state=AlertState.RESOLVED), within(scope, permission), quiet=False)
