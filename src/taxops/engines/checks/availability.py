"""Availability of a service year (可用性): the contract's three rules, and what is left of them.

Three rules hold together (operations §1.2 row 10): all downtime ≤ 12 h, each outage ≤ 2 h, and at least once
in the year six calendar months on end without an outage. Approved maintenance is taken out first.
Spec: GX 三(四)2, 三(四)3.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from taxops.engines.base import CHINA, BadInput, Interval, intersect, merge, total_seconds

from .windows import Exclusion, Window, exclusions, remaining


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract demands (可用性条款).

    Args:
        total: all downtime of the year may not exceed this (累计).
        each: no single outage may exceed this (每次).
        streak_months: so many calendar months on end without an outage are needed (连续).
        exclude_planned: approved maintenance is taken out (剔除计划内维护).
        coverage: below this share of monitored time the figure is flagged (监测覆盖率).
    """

    total: timedelta = timedelta(hours=12)
    each: timedelta = timedelta(hours=2)
    streak_months: int = 6
    exclude_planned: bool = True
    coverage: float = 0.99


DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Availability:
    """Availability of a service year as known at one instant (可用性测算).

    Args:
        year: the service year.
        as_of: the instant, cut to the year.
        pieces: what remains of the outages, cut to the year, in order.
        excluded: what approved maintenance took out, window by window.
        downtime_s: sum of the pieces.
        worst: the longest piece.
        longest: the longest stretch without an outage so far.
        total_ok: all downtime is within the limit.
        each_ok: every piece is within the limit.
        streak_reached: the months on end without an outage were reached.
        streak_reachable: they are reached, or still can be before the year ends.
        streak_on: the day and instant at which they will be reached if nothing happens; None if never.
        availability: share of the elapsed time that was not downtime; 1 before any time has passed.
        budget_s: downtime that may still happen; negative when overdrawn.
        coverage: share of the elapsed time that was monitored; None when not asked for.
        coverage_ok: enough of the time was monitored.
    """

    year: Interval
    as_of: datetime
    pieces: tuple[Interval, ...]
    excluded: tuple[Exclusion, ...]
    downtime_s: float
    worst: Interval | None
    longest: Interval
    total_ok: bool
    each_ok: bool
    streak_reached: bool
    streak_reachable: bool
    streak_on: datetime | None
    availability: float
    budget_s: float
    coverage: float | None = None
    coverage_ok: bool = True
    terms: Terms = field(default=DEFAULT_TERMS, repr=False)

    @property
    def is_over(self) -> bool:
        """Test whether the year has ended, so that the figures are final."""
        return self.as_of >= self.year.end

    @property
    def holds(self) -> bool:
        """Test whether all three rules hold; before the year's end the streak may still be to come."""
        streak = self.streak_reached if self.is_over else self.streak_reachable
        return self.total_ok and self.each_ok and streak


def add_months(instant: datetime, months: int, zone: tzinfo = CHINA) -> datetime:
    """Return the same local day and time `months` later; the month's last day where there is none (民法典 §202).

    >>> add_months(datetime(2026, 8, 31, 10, tzinfo=CHINA), 6).isoformat()
    '2027-02-28T10:00:00+08:00'
    """
    local = instant.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def service_year(signed_on: date, number: int = 1, zone: tzinfo = CHINA) -> Interval:
    """Return the `number`-th service year of a contract: [sign date, +1 year), local days (服务年度).

    Raises:
        BadInput: years count from 1.
    """
    if number < 1:
        raise BadInput("服务年度从 1 数起。", "请更正年度。", field="number")
    first = datetime.combine(signed_on, time(0), tzinfo=zone)
    start, end = (add_months(first, 12 * n, zone).astimezone(UTC) for n in (number - 1, number))
    return Interval(start, end)


def measure_availability(
    outages: Iterable[Interval],
    year: Interval,
    as_of: datetime,
    *,
    windows: Iterable[Window] = (),
    monitored: Iterable[Interval] | None = None,
    terms: Terms = DEFAULT_TERMS,
    zone: tzinfo = CHINA,
) -> Availability:
    """Return the availability of the service year as known at `as_of` (可用性).

    Args:
        outages: of the system; one that lasts ends at `as_of`. Later time is cut off.
        year: the service year.
        as_of: the present instant; after the year's end the figures are final.
        windows: maintenance; only approved windows take anything out.
        monitored: when the system was watched; the rest counts as up, and lowers the coverage.
        terms: the contract's limits.
        zone: whose calendar months count.
    """
    as_of = min(max(as_of, year.start), year.end)
    elapsed = Interval(year.start, as_of)
    cut = intersect(outages, [elapsed])
    listed = list(windows) if terms.exclude_planned else []
    pieces = remaining(cut, listed)
    downtime_s = total_seconds(pieces)
    runs = _runs(elapsed, pieces)
    reached = any(_reaches(run, terms, zone) for run in runs)
    # An outage that lasts until now leaves an empty last run: at best the quiet begins now.
    streak_on = add_months(runs[-1].start, terms.streak_months, zone)
    coverage = None
    if monitored is not None:
        seconds = total_seconds(intersect(monitored, [elapsed]))
        coverage = seconds / elapsed.seconds if elapsed else 1.0
    worst = max(pieces, key=lambda piece: piece.seconds, default=None)
    return Availability(
        year=year,
        as_of=as_of,
        pieces=tuple(pieces),
        excluded=tuple(exclusions(cut, listed)),
        downtime_s=downtime_s,
        worst=worst,
        longest=max(runs, key=lambda run: run.seconds),
        total_ok=downtime_s <= terms.total.total_seconds(),
        each_ok=worst is None or worst.seconds <= terms.each.total_seconds(),
        streak_reached=reached,
        streak_reachable=reached or streak_on <= year.end,
        streak_on=_first_reached(runs, terms, zone) if reached else _within(streak_on, year),
        availability=1 - downtime_s / elapsed.seconds if elapsed else 1.0,
        budget_s=terms.total.total_seconds() - downtime_s,
        coverage=coverage,
        coverage_ok=coverage is None or coverage >= terms.coverage,
        terms=terms,
    )


def fault_days(pieces: Iterable[Interval], zone: tzinfo = CHINA) -> list[date]:
    """Return the local days on which something was down (故障日), each once, in order."""
    days: set[date] = set()
    for piece in merge(pieces):
        day = piece.start.astimezone(zone).date()
        last = (piece.end - timedelta(microseconds=1)).astimezone(zone).date()
        while day <= last:
            days.add(day)
            day += timedelta(days=1)
    return sorted(days)


def _runs(elapsed: Interval, pieces: list[Interval]) -> list[Interval]:
    """Return the stretches before, between and after the outages; the last one is the present run."""
    starts = [elapsed.start, *(piece.end for piece in pieces)]
    ends = [*(piece.start for piece in pieces), elapsed.end]
    return [Interval(start, end) for start, end in zip(starts, ends, strict=True)]


def _reaches(run: Interval, terms: Terms, zone: tzinfo) -> bool:
    return add_months(run.start, terms.streak_months, zone) <= run.end


def _first_reached(runs: list[Interval], terms: Terms, zone: tzinfo) -> datetime:
    run = next(run for run in runs if _reaches(run, terms, zone))
    return add_months(run.start, terms.streak_months, zone).astimezone(UTC)


def _within(instant: datetime, year: Interval) -> datetime | None:
    return instant.astimezone(UTC) if instant <= year.end else None
