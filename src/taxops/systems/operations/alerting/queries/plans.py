"""Routes, policies and silences (告警路由、升级策略、静默), and what a silence would keep quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.apps import apps
from django.db.models import Case, Q, QuerySet, Value, When

from taxops.engines.alerts import parse_matchers
from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import OrgUnit, Role
from taxops.platform.identity.queries import within
from taxops.platform.notify.models import Channel
from taxops.systems.operations.alerting.models import Alert, AlertPolicy, AlertRoute, AlertSilence

from .alerts import VIEW, open_alerts


def list_routes(scope: Scope) -> QuerySet[AlertRoute]:
    """Return the routes in the order in which they are tried: those of the actor's range and the platform's."""
    if not scope.has(VIEW):
        return AlertRoute.objects.none()
    seen = Q(org=None) | within(scope, VIEW)
    return AlertRoute.objects.filter(seen).select_related("org", "policy")


def get_route(scope: Scope, pk: int) -> AlertRoute:
    """Return one route.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_routes(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条告警路由。", "它可能不在您的管理范围内。")
    return found


def list_policies(scope: Scope) -> QuerySet[AlertPolicy]:
    """Return the escalation policies of the actor's range and the platform's."""
    if not scope.has(VIEW):
        return AlertPolicy.objects.none()
    return AlertPolicy.objects.filter(Q(org=None) | within(scope, VIEW)).select_related("org")


def get_policy(scope: Scope, pk: int) -> AlertPolicy:
    """Return one policy.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_policies(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条升级策略。", "它可能不在您的管理范围内。")
    return found


def list_silences(scope: Scope, now: datetime) -> QuerySet[AlertSilence]:
    """Return the silences of the actor's range: those in force first, then those to come, then those over."""
    return (
        AlertSilence.objects.filter(within(scope, VIEW))
        .select_related("org", "created_by", "ended_by")
        .annotate(
            phase=Case(
                When(Q(ended_at__isnull=False) | Q(ends_at__lte=now), then=Value("over")),
                When(starts_at__gt=now, then=Value("due")),
                default=Value("running"),
            ),
            urgency=Case(
                When(Q(ended_at__isnull=False) | Q(ends_at__lte=now), then=Value(2)),
                When(starts_at__gt=now, then=Value(1)),
                default=Value(0),
            ),
        )
        .order_by("urgency", "ends_at")
    )


def silences_between(
    scope: Scope, now: datetime, start: datetime, end: datetime, limit: int = 500
) -> list[AlertSilence]:
    """Return the silences that hold somewhere in `[start, end)`, ended ones until they were (静默日历); one query."""
    holds = Q(ended_at__gt=start) | Q(ended_at=None, ends_at__gt=start)
    return list(
        list_silences(scope, now).filter(holds, starts_at__lt=end).order_by("starts_at", "pk")[:limit]
    )


def get_silence(scope: Scope, now: datetime, pk: int) -> AlertSilence:
    """Return one silence.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_silences(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条静默。", "它可能不在您的管理范围内。")
    return found


def would_silence(scope: Scope, matchers: Sequence[str], org_id: int | None = None) -> list[Alert]:
    """Return the open alerts that a silence with these matchers would keep quiet now (静默预览); two queries.

    Raises:
        BadInput: a matcher cannot be read.
    """
    parsed = parse_matchers(text for text in matchers if text.strip())
    if not parsed:
        return []
    rows = open_alerts(scope)
    org = OrgUnit.objects.filter(pk=org_id or 0).first()
    if org is not None:
        rows = rows.filter(org__path__startswith=org.path)
    return [alert for alert in rows.order_by("pk") if all(m.holds(alert.labels) for m in parsed)]


def orgs_for(scope: Scope, permission: str) -> list[tuple[int, str]]:
    """Return `(id, name)` of the organisations that head the actor's range, and of the level below each."""
    paths = scope.paths(permission)
    tops = OrgUnit.objects.filter(parent=None) if "" in paths else OrgUnit.objects.filter(path__in=paths)
    ids = list(tops.values_list("pk", flat=True))
    rows = OrgUnit.objects.filter(Q(pk__in=ids) | Q(parent__in=ids), valid_to=None).order_by("path")
    return [(pk, name) for pk, name in rows.values_list("pk", "name")]


def system_choices(scope: Scope) -> list[tuple[str, str]]:
    """Return `(code, name)` of the watched systems within the range.

    The model is asked for by name: monitoring stands above this room.
    """
    systems = apps.get_model("operations", "MonitoredSystem")
    rows = systems.objects.filter(within(scope, VIEW), archived_at=None).order_by("sort", "code")
    return [(code, name) for code, name in rows.values_list("code", "name")]


def receiver_choices() -> list[tuple[str, str]]:
    """Return `(receiver, words)` that a form offers: those in charge, those on duty, roles, shared channels."""
    roles = [
        (f"role:{code}", f"角色：{name}")
        for code, name in Role.objects.filter(is_active=True).order_by("position").values_list("code", "name")
    ]
    channels = [
        (f"channel:{code}", f"渠道：{name}")
        for code, name in Channel.objects.filter(is_enabled=True).values_list("code", "name")
    ]
    return [("responders", "责任人员"), ("duty", "值班人员"), *roles, *channels]
