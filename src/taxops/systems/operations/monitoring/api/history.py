"""Results, outages, windows, alerts and probers by API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Schema, Status
from ninja.pagination import LimitOffsetPagination, paginate

from taxops.systems.operations.monitoring import queries, services

from .asking import asked, instant
from .routers import monitoring, probers

VIEW = "monitoring.view"


class OutageOut(Schema):
    """An outage (中断): `[started_at, ended_at)`."""

    id: int
    check_id: int | None = Field(None, alias="check_row_id")
    system_id: int | None = None
    system_name: str = Field(alias="of_system")
    started_at: datetime
    ended_at: datetime | None = None
    detected_at: datetime
    recovered_at: datetime | None = None
    severity: str
    cause: str


class WindowOut(Schema):
    """A maintenance window (维护窗口)."""

    id: int
    title: str
    reason: str
    state: str
    phase: str
    starts_at: datetime
    ends_at: datetime
    systems: list[str]
    checks: list[str]

    @staticmethod
    def resolve_systems(row: Any) -> list[str]:
        """Return the codes of the systems."""
        return [system.code for system in row.systems.all()]

    @staticmethod
    def resolve_checks(row: Any) -> list[str]:
        """Return the codes of the checks."""
        return [check.code for check in row.checks_in.all()]


class WindowIn(Schema):
    """A request for a window (申请维护窗口)."""

    title: str
    reason: str
    systems: list[int] = []
    checks: list[int] = []
    starts_at: str
    ends_at: str


class DecisionIn(Schema):
    """A decision on a window (审批意见)."""

    agree: bool
    note: str = ""


class AlertOut(Schema):
    """An alert (告警)."""

    id: int
    outage_id: int | None = None
    system_id: int | None = None
    source: str
    fingerprint: str
    labels: dict[str, str]
    title: str
    summary: str
    severity: str
    state: str
    quiet: bool
    opened_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_note: str
    resolved_at: datetime | None = None


class NoteIn(Schema):
    """A word with it (说明)."""

    note: str = ""


class ProberOut(Schema):
    """A prober (探测器)."""

    id: int
    code: str
    name: str
    zone: str
    enabled: bool
    liveness: str
    last_seen_at: datetime | None = None
    software: str
    skew_ms: int
    vitals: dict[str, Any]


class ResultsOut(Schema):
    """Single results of a check (原始结果)."""

    check_id: int
    results: list[dict[str, Any]]


@monitoring.get("/checks/{pk}/results", response=ResultsOut, summary="检查项的原始结果")
def results(request: HttpRequest, pk: int, start: str, end: str, limit: int = 5000) -> Any:
    """Return single results in `[start, end)`, at most a day."""
    who = asked(request)
    who.scope.require(VIEW)
    check = queries.get_check(who.scope, who.now, pk)
    since, until = instant(start, "start") or who.now, instant(end, "end") or who.now
    return {
        "check_id": pk,
        "results": queries.raw_results(check, since, until, limit=max(1, min(limit, 20_000))),
    }


@monitoring.get("/outages", response=list[OutageOut], summary="中断")
@paginate(LimitOffsetPagination)
def outages(
    request: HttpRequest,
    start: str = "",
    end: str = "",
    system_id: int | None = None,
    check_id: int | None = None,
    open_only: bool = False,
) -> Any:
    """Return outages, latest first; with a range, those that touch it."""
    who = asked(request)
    who.scope.require(VIEW)
    rows = queries.list_outages(who.scope, who.now)
    if system_id is not None:
        rows = rows.filter(system_id=system_id)
    if check_id is not None:
        rows = rows.filter(check_row_id=check_id)
    return queries.touching(rows, instant(start, "start"), instant(end, "end"), open_only=open_only)


@monitoring.get("/windows", response=list[WindowOut], summary="维护窗口")
@paginate(LimitOffsetPagination)
def windows(request: HttpRequest) -> Any:
    """Return maintenance windows, latest first."""
    who = asked(request)
    who.scope.require(VIEW)
    return queries.list_windows(who.scope, who.now)


@monitoring.post("/windows", response={201: WindowOut}, summary="申请维护窗口")
def new_window(request: HttpRequest, payload: WindowIn) -> Any:
    """Ask for a window; it counts once another person has approved it."""
    who = asked(request)
    made = services.request_window(
        who.scope,
        now=who.now,
        title=payload.title,
        reason=payload.reason,
        systems=payload.systems,
        checks=payload.checks,
        starts_at=instant(payload.starts_at, "starts_at") or who.now,
        ends_at=instant(payload.ends_at, "ends_at") or who.now,
    )
    return Status(201, queries.get_window(who.scope, who.now, made.pk))


@monitoring.post("/windows/{pk}/decision", response=WindowOut, summary="审批维护窗口")
def decide(request: HttpRequest, pk: int, payload: DecisionIn) -> Any:
    """Approve or refuse a window; never one's own."""
    who = asked(request)
    services.decide_window(who.scope, pk, now=who.now, agree=payload.agree, note=payload.note)
    return queries.get_window(who.scope, who.now, pk)


@monitoring.post("/windows/{pk}/cancel", response=WindowOut, summary="取消维护窗口")
def cancel(request: HttpRequest, pk: int) -> Any:
    """Cancel a window, or end the one under way."""
    who = asked(request)
    services.cancel_window(who.scope, pk, now=who.now)
    return queries.get_window(who.scope, who.now, pk)


@monitoring.get("/alerts", response=list[AlertOut], summary="告警")
@paginate(LimitOffsetPagination)
def alerts(request: HttpRequest, state: str = "") -> Any:
    """Return alerts, open ones first."""
    who = asked(request)
    who.scope.require(VIEW)
    rows = queries.list_alerts(who.scope, who.now)
    return rows.filter(state=state) if state else rows


@monitoring.post("/alerts/{pk}/acknowledge", response=AlertOut, summary="确认告警")
def acknowledge(request: HttpRequest, pk: int, payload: NoteIn) -> Any:
    """Say that an alert is being looked at."""
    who = asked(request)
    return services.acknowledge(who.scope, pk, now=who.now, note=payload.note)


@probers.get("", response=list[ProberOut], summary="探测器")
@paginate(LimitOffsetPagination)
def list_probers(request: HttpRequest) -> Any:
    """Return the probers and how they do."""
    who = asked(request)
    who.scope.require(VIEW)
    return queries.list_probers(who.scope, who.now)
