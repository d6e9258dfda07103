"""Outages and history."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from taxops.engines.base import Interval, NotFound, Scope, to_millis
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import (
    Outage,
    ResultNote,
    StateChange,
)
from taxops.systems.operations.monitoring.words import WindowState

from .windows import VIEW, Occurrence, agreed_between


def _visible(scope: Scope) -> Q:
    return within(scope, VIEW, "system__org__path") | within(scope, VIEW, "check_row__system__org__path")


def list_outages(scope: Scope, now: datetime) -> QuerySet[Outage]:
    """Return the outages within the actor's range, latest first, with `lasted` up to now."""
    return (
        Outage.objects.filter(_visible(scope), withdrawn_at=None)
        .select_related("check_row__system__org", "system__org", "alert")
        .annotate(
            lasted=ExpressionWrapper(
                Coalesce(F("ended_at"), Value(now)) - F("started_at"), output_field=DurationField()
            ),
            of_system=Coalesce(F("system__name"), F("check_row__system__name")),
        )
        .order_by("-started_at", "-id")
    )


def open_outages(scope: Scope, now: datetime) -> QuerySet[Outage]:
    """Return the outages that go on now, systems first, longest first."""
    return (
        list_outages(scope, now)
        .filter(ended_at=None)
        .order_by(F("system_id").asc(nulls_last=True), "started_at")
    )


def recent_recoveries(scope: Scope, now: datetime, *, within_h: int = 24, limit: int = 10) -> list[Outage]:
    """Return what came back lately."""
    since = now - timedelta(hours=within_h)
    return list(list_outages(scope, now).filter(ended_at__gte=since).order_by("-ended_at")[:limit])


def get_outage(scope: Scope, pk: int) -> Outage:
    """Return one outage, a withdrawn one too.

    Raises:
        NotFound: none within the actor's range.
    """
    found = (
        Outage.objects.filter(_visible(scope), pk=pk)
        .select_related(
            "check_row__system__org",
            "system__org",
            "alert__acknowledged_by",
            "suppressed_by__check_row",
            "suppressed_by__system",
        )
        .first()
    )
    if found is None:
        raise NotFound("没有这条中断记录。", "它可能不在您的管理范围内。")
    return found


def outage_intervals(
    now: datetime, since: datetime, *, check_id: int | None = None, system_id: int | None = None
) -> list[Interval]:
    """Return one subject's outages that touch `[since, now)`, as intervals; one that lasts ends now."""
    rows = Outage.objects.filter(withdrawn_at=None, check_row_id=check_id, system_id=system_id).filter(
        Q(ended_at=None) | Q(ended_at__gt=since)
    )
    return [Interval(o.started_at, o.ended_at or now) for o in rows.order_by("started_at")]


def list_changes(
    *, check_id: int | None = None, system_id: int | None = None, limit: int = 100
) -> list[StateChange]:
    """Return one subject's history, latest first, withdrawn lines included."""
    rows = StateChange.objects.filter(check_row_id=check_id, system_id=system_id)
    return list(rows.order_by("-known_ms", "-id")[:limit])


def touching(
    rows: QuerySet[Outage], start: datetime | None, end: datetime | None, *, open_only: bool = False
) -> QuerySet[Outage]:
    """Return those of the outages that touch `[start, end)`; a missing bound is no bound."""
    if open_only:
        rows = rows.filter(ended_at=None)
    if start is not None:
        rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=start))
    if end is not None:
        rows = rows.filter(started_at__lt=end)
    return rows


def proof_of(outage: Outage, now: datetime, *, limit: int = 12) -> list[ResultNote]:
    """Return what the results around an outage's beginning and end said (佐证结果), earliest first."""
    if outage.check_row_id is None:
        return []
    end = outage.recovered_at or now
    rows = ResultNote.objects.filter(
        check_row_id=outage.check_row_id,
        at_ms__gte=to_millis(outage.started_at),
        at_ms__lte=to_millis(end),
    ).select_related("prober")
    first, last = list(rows.order_by("at_ms")[: limit - 4]), list(rows.order_by("-at_ms")[:4])
    return sorted({note.pk: note for note in [*first, *last]}.values(), key=lambda note: note.at_ms)


def leaves_of(outage: Outage, now: datetime) -> list[Outage]:
    """Return the outages of a system's checks that overlap its own (相关检查项中断)."""
    if outage.system_id is None:
        return []
    return list(
        Outage.objects.filter(
            check_row__system_id=outage.system_id, withdrawn_at=None, started_at__lt=outage.ended_at or now
        )
        .filter(Q(ended_at=None) | Q(ended_at__gt=outage.started_at))
        .select_related("check_row")
        .order_by("started_at")[:50]
    )


def windows_beside(outage: Outage, now: datetime) -> list[Occurrence]:
    """Return what is asked for or agreed about an outage's subject beside it, times of rules included."""
    system_id = outage.check_row.system_id if outage.check_row is not None else outage.system_id
    wanted = [state.value for state in WindowState]
    found = agreed_between(outage.started_at, outage.ended_at or now, states=wanted)
    return [one for one in found if one.names(check_id=outage.check_row_id, system_id=system_id)][:20]


def about(rows: QuerySet[Outage], systems: list[int], checks: list[int]) -> QuerySet[Outage]:
    """Return those of the outages that concern these systems (their checks included) or checks."""
    return rows.filter(
        Q(system_id__in=systems) | Q(check_row__system_id__in=systems) | Q(check_row_id__in=checks)
    )
