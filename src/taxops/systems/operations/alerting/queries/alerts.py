"""Alerts, their history and what was told of them (告警查询)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat, RowNumber

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within
from taxops.platform.notify.queries import keys_told
from taxops.systems.operations.alerting.models import Alert, AlertNotice
from taxops.systems.operations.alerting.words import AlertState
from taxops.systems.operations.duty import areas_of
from taxops.systems.operations.words import Severity

VIEW = "monitoring.view"
TOLD_DAYS = 30
"""How far back a notice makes an alert one's own."""


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
            flaps=Coalesce(KT("labels__flapping"), KT("labels__check")),
            held=_held(),
            lasted=ExpressionWrapper(
                Coalesce(F("outage__ended_at"), F("resolved_at"), Value(now)) - F("since_at"),
                output_field=DurationField(),
            ),
        )
        .order_by("urgency", "gravity", "-opened_at", "-id")
    )


def _held() -> Case:
    """Return the condition that an alert is held back while its check, or all that took its system down, flaps.

    The checks that flap are asked for once, not for each alert: with thousands open that is seconds.
    """
    storms = (
        Alert.objects.filter(key__startswith="flapping-")
        .exclude(state=AlertState.RESOLVED)
        .annotate(
            of=Coalesce(KT("labels__flapping"), Value("", TextField()))
        )  # compared as text, not as JSON
    )
    open_ = ~Q(state=AlertState.RESOLVED) & Q(labels__level__in=["check", "system"])
    return Case(
        When(open_ & Q(flaps__in=storms.values("of")), then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(),
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


def folded(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """Return the gravest alert of each group, with `members`: how many of the rows given the group has (按组折叠).

    Alerts that no group tells stand for themselves. Two window functions over the rows given, so that what is
    folded is what the reader's conditions let through; meant for open alerts, of which there are not many.
    """
    own = Case(
        When(group_key="", then=Concat(Value("#"), Cast("pk", CharField()))),
        default=F("group_key"),
        output_field=CharField(),
    )
    first = [F("urgency").asc(), F("gravity").asc(), F("opened_at").desc(), F("pk").desc()]
    return rows.annotate(
        members=Window(Count("pk"), partition_by=[own]),
        place=Window(RowNumber(), partition_by=[own], order_by=first),
    ).filter(place=1)


def groups_of(scope: Scope, pks: Collection[int]) -> dict[int, str]:
    """Return in which group each of these alerts is told, of those within the range that are in one; one query."""
    found = Alert.objects.filter(within(scope, VIEW), pk__in=list(pks)).exclude(group_key="")
    return dict(found.values_list("pk", "group_key"))


def chosen_alerts(scope: Scope, pks: Collection[int], permission: str = VIEW) -> QuerySet[Alert]:
    """Return those of these alerts that are not over and lie within the range of a permission, oldest first."""
    rows = Alert.objects.filter(within(scope, permission), pk__in=list(pks))
    return rows.exclude(state=AlertState.RESOLVED).select_related("org").order_by("pk")


def mine(scope: Scope, now: datetime) -> Q:
    """Return the condition that keeps what concerns the actor (与我有关): taken by him, told to him, or in his charge.

    In his charge is what happens in the organisations for which he is on duty at this instant, told to him or not:
    whoever takes over a shift takes over what is open.
    """
    me = scope.actor_id or 0
    told = AlertNotice.alerts.through.objects.filter(
        alertnotice__key__in=keys_told(me, now - timedelta(days=TOLD_DAYS))
    )
    found = Q(acknowledged_by_id=me) | Q(pk__in=told.values("alert_id"))
    for path in areas_of(me, now):
        found |= Q(org__path__startswith=path)
    return found


def figures(scope: Scope, own: Q) -> Mapping[str, int]:
    """Return how many alerts are not over: waiting, grave and waiting, one's own, confirmed; one query."""
    waits = Q(state=AlertState.OPEN)
    found: Mapping[str, int] = (
        Alert.objects.filter(within(scope, VIEW), outage__withdrawn_at=None)
        .exclude(state=AlertState.RESOLVED)
        .aggregate(
            waits=Count("pk", filter=waits),
            grave=Count("pk", filter=waits & Q(severity=Severity.CRITICAL)),
            own=Count("pk", filter=own),
            taken=Count("pk", filter=Q(state=AlertState.ACKNOWLEDGED)),
        )
    )
    return found
