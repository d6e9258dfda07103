"""What goes into a day's report (日报取数): everything as it stood at the end of that day, as plain values.

Nothing in it depends on when it is gathered, only on what is known: gathered again without news it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from taxops.engines.base import CHINA, Interval, Scope, intersect, total_seconds
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting.queries import list_alerts
from taxops.systems.operations.availability import queries as availability
from taxops.systems.operations.availability.rules import Measured, Reckoning, term_of, verdicts, year_of
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.items import all_items
from taxops.systems.operations.monitoring.queries import Watched

_EVERYTHING = Scope.system("监控报告")


def day_of(day: date) -> Interval:
    """Return the local day as an interval."""
    start = datetime.combine(day, time(), tzinfo=CHINA)
    return Interval(start, start + timedelta(days=1))


def gather(org: OrgUnit, day: date) -> dict[str, Any]:
    """Return the inputs of a day's report for an organisation and what lies below it; a fixed number of queries."""
    period = day_of(day)
    end = period.end
    systems = [s for s in monitoring.list_systems(_EVERYTHING, end) if s.org.path.startswith(org.path)]
    offers = availability.offers()
    terms = [term_of(system.pk, system.org.path, offers, day) for system in systems]
    instant = end - timedelta(microseconds=1)  # the year in which the day lies
    years = [(term, year_of(term, instant)) for term in terms]
    yearly = availability.reckon_systems(systems, years, end)
    daily = availability.reckon_systems(systems, [(term, period) for term in terms], end)
    month = Interval(datetime.combine(day.replace(day=1), time(), tzinfo=CHINA), end)
    monthly = availability.reckon_systems(systems, [(term, month) for term in terms], end, coverage=False)
    checks = monitoring.results_of([system.pk for system in systems], period.start, end)
    lines = list(zip(systems, daily, monthly, yearly, strict=True))
    return {
        "kind": "daily_monitoring",
        "org": {"code": org.code, "name": org.name},
        "day": day.isoformat(),
        "period": {"start": period.start, "end": end},
        "systems": [_system(*line) for line in lines],
        "outages": [row for system, found, *_ in lines for row in _outages(system, found, end)],
        "exclusions": [row for system, found, *_ in lines for row in _cuts(system, found.cuts, True)],
        "pending": [row for system, found, *_ in lines for row in _cuts(system, found.pending, False)],
        "alerts": _alerts([system.pk for system in systems], period),
        "items": _items(checks, period),
        "hours": {system.code: _hours(found, period) for system, found, *_ in lines},
        "latency": _latency(systems, checks),
    }


def _system(system: Any, day: Reckoning, month: Reckoning, year: Reckoning) -> dict[str, Any]:
    figures = year.figures
    return {
        "key": system.code,
        "name": system.name,
        "outages": len(day.outages),
        "day": _share(day),
        "month": _share(month),
        "year": _share(year),
        "coverage": day.figures.coverage,
        "coverage_least": year.term.terms.coverage,
        "budget_s": figures.budget_s,
        "contract": year.term.name,
        "year_from": figures.year.start,
        "rules": {
            rule.code: {"label": rule.label, "verdict": rule.verdict.value, "words": rule.words}
            for rule in verdicts(figures)
        },
    }


def _share(found: Reckoning) -> dict[str, Any]:
    return {
        "availability": found.figures.availability,
        "downtime_s": found.figures.downtime_s,
        "excluded_s": found.excluded_s,
    }


def _outages(system: Any, found: Reckoning, end: datetime) -> list[dict[str, Any]]:
    return [
        {
            "key": f"{system.code}@{one.outage.start.isoformat()}",
            "system": system.name,
            "start": one.interval.start,
            "from_before": one.outage.start < one.interval.start,
            "end": one.interval.end,
            "ongoing": one.outage.end is None or one.outage.end > end,
            "seconds": one.interval.seconds,
            "excluded_s": one.taken_s,
            "counted_s": one.left_s,
            "over": one.over,
            "cause": one.outage.cause,
        }
        for one in found.outages
    ]


def _cuts(system: Any, cuts: Iterable[Measured], only_taken: bool) -> list[dict[str, Any]]:
    return [
        {
            "key": f"{system.code}:{one.cut.key}",
            "system": system.name,
            "title": one.cut.title,
            "start": one.cut.interval.start,
            "end": one.cut.interval.end,
            "taken_s": one.seconds,
            "reason": one.cut.reason,
            "evidence": one.cut.evidence,
            "asked_by": one.cut.asked_by,
            "asked_at": one.cut.asked_at,
            "decided_by": one.cut.decided_by,
            "decided_at": one.cut.decided_at,
            "late": one.cut.is_late,
        }
        for one in cuts
        if one.taken or not only_taken
    ]


def _alerts(systems: Sequence[int], period: Interval) -> list[dict[str, Any]]:
    """Return the alerts of the day; what became of them later is not of this day."""
    rows = (
        list_alerts(_EVERYTHING, period.end)
        .filter(system__in=systems, opened_at__gte=period.start, opened_at__lt=period.end)
        .order_by("opened_at", "pk")
    )

    def within(at: datetime | None) -> datetime | None:
        return at if at is not None and at < period.end else None

    return [
        {
            "key": str(row.pk),
            "system": row.system.name if row.system else "",
            "title": row.title,
            "severity": row.get_severity_display(),
            "quiet": row.quiet,
            "opened_at": row.opened_at,
            "acknowledged_at": within(row.acknowledged_at),
            "acknowledged_by": str(row.acknowledged_by or "") if within(row.acknowledged_at) else "",
            "resolved_at": within(row.resolved_at),
        }
        for row in rows
    ]


def _items(checks: Sequence[Watched], period: Interval) -> list[dict[str, Any]]:
    """Return each item of the contract with what its checks came to."""
    by_item: dict[str, list[Watched]] = {}
    for one in checks:
        by_item.setdefault(one.check.item, []).append(one)
    found: list[dict[str, Any]] = []
    for item in all_items():
        mine = by_item.get(item.code, [])
        counts = [count for one in mine for count in one.hours.values()]
        down = [one for one in mine if one.outages]
        found.append(
            {
                "key": item.code,
                "name": item.name,
                "clause": item.clause,
                "checks": len(mine),
                "results": sum(n for n, _, _ in counts),
                "bad": sum(bad for _, bad, _ in counts),
                "outages": sum(len(one.outages) for one in mine),
                "downtime_s": sum(total_seconds(intersect(one.outages, [period])) for one in mine),
                "which": [one.check.name for one in down][:5],
            }
        )
    return found


def _hours(found: Reckoning, period: Interval) -> list[float]:
    """Return the availability of each hour, after exclusions."""
    hours: list[float] = []
    for n in range(24):
        hour = Interval(period.start + timedelta(hours=n), period.start + timedelta(hours=n + 1))
        hours.append(round(1 - total_seconds(intersect(found.figures.pieces, [hour])) / 3600, 6))
    return hours


def _latency(systems: Sequence[Any], checks: Sequence[Watched]) -> dict[str, list[float | None]]:
    """Return each system's mean duration of a result by hour, in milliseconds."""
    sums: dict[int, list[tuple[int, float]]] = {system.pk: [(0, 0.0)] * 24 for system in systems}
    for one in checks:
        line = sums[one.check.system_id]
        for hour, (n, _, took_s) in one.hours.items():
            if hour < 24:
                line[hour] = (line[hour][0] + n, line[hour][1] + took_s)
    return {
        system.code: [round(took * 1000 / n, 3) if n else None for n, took in sums[system.pk]]
        for system in systems
        if any(n for n, _ in sums[system.pk])
    }


def reporting_orgs(now: datetime) -> list[OrgUnit]:
    """Return the organisations for which a report is made: those with a contract, else the topmost watched ones."""
    contracts = {row.org.path: row.org for row in availability.list_agreements(_EVERYTHING)}
    if contracts:
        return [contracts[path] for path in sorted(contracts)]
    watched = {system.org.path: system.org for system in monitoring.list_systems(_EVERYTHING, now)}
    top = [path for path in watched if not any(path != other and path.startswith(other) for other in watched)]
    return [watched[path] for path in sorted(top)]
