"""Availability by API (可用性接口)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.pagination import LimitOffsetPagination, paginate

from taxops.engines.base import BadInput, Interval, parse_instant

from . import queries, services
from .rules import Measured, conclusion, explain, verdicts

router = Router(tags=["可用性"])
VIEW = "monitoring.view"


class SpanOut(Schema):
    """A stretch (时段): `[start, end)`."""

    start: datetime
    end: datetime
    seconds: float


class OutageOut(Schema):
    """An outage in the reckoning (中断行)."""

    id: int
    start: datetime
    end: datetime | None
    seconds: float
    excluded_s: float
    counted_s: float
    pieces: list[SpanOut]
    over_each: bool
    cause: str


class CutOut(Schema):
    """An exclusion in the reckoning (剔除行), with who and why."""

    key: str
    title: str
    start: datetime
    end: datetime
    taken_s: float
    reason: str
    evidence: str
    asked_by: str
    asked_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    afterwards: bool


class RuleOut(Schema):
    """A rule and how it stands (规则)."""

    code: str
    label: str
    verdict: str
    words: str
    limit_s: float
    value_s: float


class YearOut(Schema):
    """A system's service year (服务年度)."""

    system: str
    name: str
    start: datetime
    end: datetime
    as_of: datetime
    contract: str
    holds: bool
    conclusion: str
    downtime_s: float
    excluded_s: float
    budget_s: float
    availability: float
    coverage: float | None
    coverage_ok: bool
    streak_reached: bool
    streak_reachable: bool
    streak_on: datetime | None
    longest_s: float
    rules: list[RuleOut]


class DetailOut(YearOut):
    """A service year with every line (测算明细)."""

    outages: list[OutageOut]
    exclusions: list[CutOut]
    pending: list[CutOut]
    explanation: list[str]


class ExclusionOut(Schema):
    """An exclusion (剔除)."""

    id: int
    system_id: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    evidence: str
    state: str
    requested_at: datetime
    decided_at: datetime | None = None
    decision_note: str
    revoked_at: datetime | None = Field(None)


class ExclusionIn(Schema):
    """A request for an exclusion (申请剔除)."""

    system_id: int
    kind: str
    starts_at: str
    ends_at: str
    reason: str
    evidence: str


class DecisionIn(Schema):
    """A decision (审批意见)."""

    agree: bool
    note: str = ""


def plain(standing: queries.Standing, *, lines: bool) -> dict[str, Any]:
    """Return a year as the API and `--json` answer it."""
    found = standing.reckoning
    figures = found.figures
    answer: dict[str, Any] = {
        "system": standing.system.code,
        "name": standing.system.name,
        "start": figures.year.start,
        "end": figures.year.end,
        "as_of": figures.as_of,
        "contract": found.term.name,
        "holds": figures.holds,
        "conclusion": conclusion(figures),
        "downtime_s": figures.downtime_s,
        "excluded_s": found.excluded_s,
        "budget_s": figures.budget_s,
        "availability": figures.availability,
        "coverage": figures.coverage,
        "coverage_ok": figures.coverage_ok,
        "streak_reached": figures.streak_reached,
        "streak_reachable": figures.streak_reachable,
        "streak_on": figures.streak_on,
        "longest_s": figures.longest.seconds,
        "rules": [
            {
                "code": rule.code,
                "label": rule.label,
                "verdict": rule.verdict.value,
                "words": rule.words,
                "limit_s": rule.limit_s,
                "value_s": rule.value_s,
            }
            for rule in verdicts(figures)
        ],
    }
    if lines:
        answer |= {
            "outages": [
                {
                    "id": one.outage.pk,
                    "start": one.outage.start,
                    "end": one.outage.end,
                    "seconds": one.interval.seconds,
                    "excluded_s": one.taken_s,
                    "counted_s": one.left_s,
                    "pieces": [_span(piece) for piece in one.pieces],
                    "over_each": one.over,
                    "cause": one.outage.cause,
                }
                for one in found.outages
            ],
            "exclusions": [_cut(cut) for cut in found.cuts],
            "pending": [_cut(cut) for cut in found.pending],
            "explanation": explain(standing.system.name, found),
        }
    return answer


def _span(piece: Interval) -> dict[str, Any]:
    return {"start": piece.start, "end": piece.end, "seconds": piece.seconds}


def _cut(measured: Measured) -> dict[str, Any]:
    cut = measured.cut
    return {
        "key": cut.key,
        "title": cut.title,
        "start": cut.interval.start,
        "end": cut.interval.end,
        "taken_s": measured.seconds,
        "reason": cut.reason,
        "evidence": cut.evidence,
        "asked_by": cut.asked_by,
        "asked_at": cut.asked_at,
        "decided_by": cut.decided_by,
        "decided_at": cut.decided_at,
        "afterwards": cut.is_late,
    }


def _instant(text: str, field: str) -> datetime:
    try:
        return parse_instant(text)
    except BadInput as error:
        raise BadInput(error.what, error.todo, field=field) from error


@router.get("/systems", response=list[YearOut], summary="各系统的可用性")
@paginate(LimitOffsetPagination)
def systems(request: HttpRequest, year: int | None = None) -> Any:
    """Return every system's service year: the one it is in, or the one that begins in `year`."""
    scope, now = request.scope, request.now  # type: ignore[attr-defined]  # set by IdentityMiddleware
    scope.require(VIEW)
    return [plain(standing, lines=False) for standing in queries.standings(scope, now, year=year)]


@router.get("/systems/{code}", response=DetailOut, summary="一个系统的可用性测算")
def system(request: HttpRequest, code: str, year: int | None = None) -> Any:
    """Return one system's year with every outage, every exclusion and the arithmetic in words."""
    scope, now = request.scope, request.now  # type: ignore[attr-defined]  # set by IdentityMiddleware
    scope.require(VIEW)
    return plain(queries.standing_by_code(scope, now, code, year=year), lines=True)


@router.get("/exclusions", response=list[ExclusionOut], summary="剔除")
@paginate(LimitOffsetPagination)
def exclusions(request: HttpRequest, state: str = "") -> Any:
    """Return exclusions, latest first."""
    scope = request.scope  # type: ignore[attr-defined]  # set by IdentityMiddleware
    scope.require(VIEW)
    rows = queries.list_exclusions(scope)
    return rows.filter(state=state) if state else rows


@router.post("/exclusions", response={201: ExclusionOut}, summary="申请剔除")
def new_exclusion(request: HttpRequest, payload: ExclusionIn) -> Any:
    """Ask for an exclusion; it counts once another person has approved it."""
    scope, now = request.scope, request.now  # type: ignore[attr-defined]  # set by IdentityMiddleware
    scope.require(services.REQUEST)
    made = services.request_exclusion(
        scope,
        now=now,
        system_id=payload.system_id,
        kind=payload.kind,
        starts_at=_instant(payload.starts_at, "starts_at"),
        ends_at=_instant(payload.ends_at, "ends_at"),
        reason=payload.reason,
        evidence=payload.evidence,
    )
    return Status(201, made)


@router.post("/exclusions/{pk}/decision", response=ExclusionOut, summary="审批剔除")
def decide(request: HttpRequest, pk: int, payload: DecisionIn) -> Any:
    """Approve or refuse an exclusion; never one's own."""
    scope, now = request.scope, request.now  # type: ignore[attr-defined]  # set by IdentityMiddleware
    scope.require(services.APPROVE)
    return services.decide_exclusion(scope, pk, now=now, agree=payload.agree, note=payload.note)


ROUTERS = [("/availability", router)]
