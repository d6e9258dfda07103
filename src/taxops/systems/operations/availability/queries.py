"""What availability can be asked (可用性查询); the scope is always an argument, queries never grow with systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from taxops.engines.base import CHINA, Interval, NotFound, Scope
from taxops.engines.checks import Terms
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.queries import Occurrence

from .models import Agreement, Exclusion
from .rules import Cut, Known, Offer, Reckoning, Term, reckon, term_of, year_named, year_of
from .words import ExclusionKind, ExclusionState

VIEW = "monitoring.view"


# Agreements (可用性约定)


def list_agreements(scope: Scope) -> QuerySet[Agreement]:
    """Return the agreements within the actor's range, the latest first."""
    return (
        Agreement.objects.filter(within(scope, VIEW), archived_at=None)
        .select_related("org")
        .prefetch_related("systems")
    )


def get_agreement(scope: Scope, pk: int) -> Agreement:
    """Return one agreement.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_agreements(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个可用性约定。", "它可能已归档，或不在您的管理范围内。")
    return found


def offers() -> list[Offer]:
    """Return all agreements as choosing needs them; two queries. Whoever may see a system may see its terms."""
    rows = (
        Agreement.objects.filter(archived_at=None)
        .select_related("org")
        .prefetch_related("systems")
        .order_by("pk")
    )
    return [
        Offer(
            Term(
                row.signed_on,
                Terms(
                    timedelta(seconds=row.total_s),
                    timedelta(seconds=row.each_s),
                    row.streak_months,
                    row.exclude_planned,
                    row.coverage,
                ),
                row.name,
                row.number,
                row.source,
                row.pk,
            ),
            row.org.path,
            frozenset(system.pk for system in row.systems.all()),
        )
        for row in rows
    ]


# Exclusions (剔除)


def list_exclusions(scope: Scope) -> QuerySet[Exclusion]:
    """Return the exclusions within the actor's range, those that wait first, then the latest."""
    return (
        Exclusion.objects.filter(within(scope, VIEW, "system__org__path"))
        .select_related("system__org", "requested_by", "decided_by", "revoked_by", "file")
        .annotate(length=F("ends_at") - F("starts_at"))
        .order_by("-starts_at", "-pk")
    )


def get_exclusion(scope: Scope, pk: int) -> Exclusion:
    """Return one exclusion.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_exclusions(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条剔除。", "它可能不在您的管理范围内。")
    return found


def pending_count(scope: Scope) -> int:
    """Return how many exclusions wait for a decision within the actor's range."""
    return list_exclusions(scope).filter(state=ExclusionState.REQUESTED).count()


def as_cut(row: Exclusion) -> Cut:
    """Return a stored exclusion as the reckoning needs it."""
    return Cut(
        key=f"E{row.pk}",
        interval=Interval(row.starts_at, row.ends_at),
        title=ExclusionKind.label_of(row.kind),
        reason=row.reason,
        evidence=row.evidence,
        asked_by=str(row.requested_by or "平台"),
        asked_at=row.requested_at,
        decided_by=str(row.decided_by or ("平台" if row.decided_at else "")),
        decided_at=row.decided_at,
        link=f"/operations/exclusions/{row.pk}/",
        state=row.state,
    )


def _as_planned(agreed: Occurrence) -> Cut:
    return Cut(
        key=f"W{agreed.link}@{agreed.interval.start.isoformat()}",
        interval=agreed.interval,
        title=f"维护窗口：{agreed.title}",
        reason=agreed.reason,
        asked_by=agreed.asked_by,
        asked_at=agreed.asked_at,
        decided_by=agreed.decided_by or "平台",
        decided_at=agreed.decided_at,
        link=agreed.link,
        planned=True,
    )


# The reckoning (测算)


@dataclass(frozen=True, slots=True)
class Standing:
    """A system with its year reckoned (系统可用性)."""

    system: Any
    year: Interval
    reckoning: Reckoning

    @property
    def pk(self) -> int:
        """The system's key."""
        return int(self.system.pk)


def reckon_systems(
    systems: Sequence[Any],
    periods: Sequence[tuple[Term, Interval]],
    as_of: datetime,
    *,
    coverage: bool = True,
) -> list[Reckoning]:
    """Return the reckoning of each system over its period; a fixed number of queries.

    Args:
        systems: monitored systems.
        periods: for each its terms and its period.
        as_of: what lasts ends here.
        coverage: whether monitored time is asked for, the costliest part.
    """
    if not systems:
        return []
    ids = [system.pk for system in systems]
    start = min(period.start for _, period in periods)
    end = max(start, min(max(period.end for _, period in periods), as_of))
    outages = monitoring.outages_of(ids, start, end)
    agreed = monitoring.agreed_of(ids, start, end)
    stored = _exclusions_of(ids, start, end)
    watched = monitoring.monitored_of(ids, start, end) if coverage else {}
    return [
        reckon(
            term,
            period,
            as_of,
            [Known(o.pk, o.started_at, o.ended_at, o.cause) for o in outages.get(system.pk, [])],
            [*map(_as_planned, agreed.get(system.pk, [])), *stored.get(system.pk, [])],
            watched.get(system.pk, []) if coverage else None,
        )
        for system, (term, period) in zip(systems, periods, strict=True)
    ]


def _exclusions_of(systems: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Cut]]:
    found: dict[int, list[Cut]] = {}
    rows = (
        Exclusion.objects.filter(
            Q(state=ExclusionState.APPROVED) | Q(state=ExclusionState.REQUESTED),
            system__in=list(systems),
            starts_at__lt=end,
            ends_at__gt=start,
        )
        .select_related("requested_by", "decided_by")
        .order_by("starts_at", "pk")
    )
    for row in rows:
        found.setdefault(row.system_id, []).append(as_cut(row))
    return found


def standings(
    scope: Scope, now: datetime, *, year: int | None = None, coverage: bool = True
) -> list[Standing]:
    """Return all systems within the actor's range with the year they are in, or that begins in `year`."""
    systems = list(monitoring.list_systems(scope, now))
    return _standings(systems, now, year, coverage=coverage, many=True)


def _standings(
    systems: Sequence[Any], now: datetime, year: int | None, *, coverage: bool = True, many: bool = False
) -> list[Standing]:
    known = offers()
    today = now.astimezone(CHINA).date()
    kept: list[Any] = []
    periods: list[tuple[Term, Interval]] = []
    for system in systems:
        term = term_of(system.pk, system.org.path, known, today)
        if year is None:
            periods.append((term, year_of(term, now)))
        elif many and term.is_agreed and not term.signed_on.year <= year <= today.year:
            continue  # of many systems those are shown that had such a year
        else:
            periods.append((term, year_named(_reaching(term, year), year)))
        kept.append(system)
    reckoned = reckon_systems(kept, periods, now, coverage=coverage)
    return [
        Standing(system, period, found)
        for system, (_, period), found in zip(kept, periods, reckoned, strict=True)
    ]


def _reaching(term: Term, year: int) -> Term:
    """Return terms without a contract as of an earlier calendar year, so that past years can be asked for."""
    if term.is_agreed or year >= term.signed_on.year or year < 2000:
        return term
    return Term(term.signed_on.replace(year=year))


def standing_of(scope: Scope, now: datetime, pk: int, *, year: int | None = None) -> Standing:
    """Return one system with the year it is in, or that begins in `year`.

    Raises:
        NotFound: none within the actor's range.
        BadInput: there is no such service year.
    """
    return _standings([monitoring.get_system(scope, now, pk)], now, year)[0]


def standing_by_code(scope: Scope, now: datetime, code: str, *, year: int | None = None) -> Standing:
    """Return one system by its code, with the year it is in, or that begins in `year`.

    Raises:
        NotFound: none of that code within the actor's range.
        BadInput: there is no such service year.
    """
    found = monitoring.list_systems(scope, now).filter(code=code).first()
    if found is None:
        codes = monitoring.list_systems(scope, now).values_list("code", flat=True)[:12]
        raise NotFound(f"没有代码为「{code}」的监控系统。", f"已有：{'、'.join(codes) or '（无）'}。")
    return _standings([found], now, year)[0]
