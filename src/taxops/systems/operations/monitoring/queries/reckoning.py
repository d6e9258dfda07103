"""What availability and reports count from (测算依据): outages, agreed maintenance, time that could be judged.

For many systems at once, with a fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from taxops.engines.base import Interval, from_millis, merge, to_millis
from taxops.engines.checks import Health, Leaf, LeafKind, Span, Tree, leaves, system_order, timeline
from taxops.systems.operations.monitoring.models import (
    Check,
    MonitoredSystem,
    Outage,
    Rollup5m,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import SLOT_MS
from taxops.systems.operations.monitoring.words import Turn

from .systems import _tree_of
from .windows import Occurrence, agreed_between

_DARK = {
    Turn.UNKNOWN_BEGAN: Turn.UNKNOWN_ENDED,
    Turn.SILENT_BEGAN: Turn.SILENT_ENDED,
    Turn.DISABLED: Turn.ENABLED,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a check's results came to, hour by hour (检查项时段汇总).

    Args:
        check: the check.
        hours: hour since the beginning → `(results, bad, seconds taken in all)`.
        outages: of the check, cut to the time.
    """

    check: Check
    hours: Mapping[int, tuple[int, int, float]]
    outages: Sequence[Interval]


def results_of(systems: Iterable[int], start: datetime, end: datetime) -> list[Watched]:
    """Return what the results of these systems' checks came to in `[start, end)`, by code; three queries.

    Counted from five-minute roll-ups; what is not rolled up yet is not in it.
    """
    checks = list(
        Check.objects.filter(system__in=list(systems), created_at__lt=end)
        .filter(Q(archived_at=None) | Q(archived_at__gt=start))
        .only("code", "name", "item", "system", "severity", "enabled", "archived_at")
        .order_by("code")
    )
    first = to_millis(start) // SLOT_MS
    rolled = (
        Rollup5m.objects.filter(
            check_id__in=[check.pk for check in checks],
            slot__gte=first,
            slot__lt=-(-to_millis(end) // SLOT_MS),
        )
        .order_by()
        .annotate(hour=(F("slot") - first) / (3_600_000 // SLOT_MS))
        .values("check_id", "hour")
        .annotate(results=Sum("n"), bad=Sum("n_critical"), took=Sum("duration_sum_us"))
        .values_list("check_id", "hour", "results", "bad", "took")
    )
    hours: dict[int, dict[int, tuple[int, int, float]]] = defaultdict(dict)
    for pk, hour, results, bad, took in rolled:
        hours[pk][int(hour)] = (results, bad, took / 1_000_000)
    down = _outages_of_checks([check.pk for check in checks], Interval(start, end))
    return [Watched(check, hours.get(check.pk, {}), down.get(check.pk, [])) for check in checks]


def _outages_of_checks(checks: Sequence[int], horizon: Interval) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = defaultdict(list)
    rows = Outage.objects.filter(check_row__in=checks, withdrawn_at=None, started_at__lt=horizon.end).filter(
        Q(ended_at=None) | Q(ended_at__gt=horizon.start)
    )
    for pk, begin, ended in rows.order_by("started_at").values_list("check_row", "started_at", "ended_at"):
        found[pk or 0].append(Interval(max(begin, horizon.start), min(ended or horizon.end, horizon.end)))
    return found


def outages_of(systems: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Outage]]:
    """Return each system's own outages that touch `[start, end)`, earliest first; one query."""
    found: dict[int, list[Outage]] = defaultdict(list)
    rows = (
        Outage.objects.filter(system_id__in=list(systems), withdrawn_at=None, started_at__lt=end)
        .filter(Q(ended_at=None) | Q(ended_at__gt=start))
        .order_by("started_at")
    )
    for row in rows:
        found[row.system_id or 0].append(row)
    return found


def agreed_of(systems: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Occurrence]]:
    """Return the approved maintenance of each system that touches `[start, end)`, by start; six queries at most."""
    wanted = set(systems)
    found: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in agreed_between(start, end):
        for pk in occurrence.systems & wanted:
            found[pk].append(occurrence)
    return found


def monitored_of(systems: Iterable[int], start: datetime, end: datetime) -> dict[int, list[Interval]]:
    """Return when each system could be judged by its present health tree (已监测时段); five queries.

    A check gives no verdict while its results fail to come, cannot be had, or it is switched off; before it
    was made and after it was archived it is left out. Where the tree then says "unknown", the time counts as
    up, and as not monitored.
    """
    horizon = Interval(start, end)
    wanted = set(systems)
    if not horizon or not wanted:
        return {pk: [] for pk in wanted}
    rows = {s.code: s for s in MonitoredSystem.objects.filter(Q(archived_at=None) | Q(pk__in=wanted))}
    checks = list(
        Check.objects.filter(system__in=[s.pk for s in rows.values()]).only(
            "code", "system", "severity", "created_at", "archived_at", "enabled"
        )
    )
    trees = _trees(rows.values(), checks)
    used = {leaf.code for tree in trees.values() for leaf in leaves(tree) if leaf.kind is LeafKind.CHECK}
    spans = _check_spans([c for c in checks if c.code in used], horizon)
    judged: dict[int, list[Interval]] = {}
    for code in system_order(trees):
        line = timeline(trees[code], spans, horizon)
        spans[Leaf(LeafKind.SYSTEM, code)] = [span for span in line if span.health is not Health.GOOD]
        known = (s.interval for s in line if s.health not in (Health.UNKNOWN, Health.SUSPENDED))
        judged[rows[code].pk] = merge(known)
    return {pk: judged.get(pk, []) for pk in wanted}


def _trees(systems: Iterable[MonitoredSystem], checks: Iterable[Check]) -> dict[str, Tree]:
    by_system: dict[int, list[Check]] = defaultdict(list)
    for check in checks:
        by_system[check.system_id].append(check)
    found = ((s.code, _tree_of(s, sorted(by_system[s.pk], key=lambda c: c.code))) for s in systems)
    return {code: tree for code, tree in found if tree is not None}


def _check_spans(checks: Sequence[Check], horizon: Interval) -> dict[Leaf, list[Span]]:
    """Return the stretches in which each check was not simply good; what comes later in a list wins."""
    ids = [check.pk for check in checks]
    dark, first = _dark(ids, horizon), _first_results(ids)
    bad = _outages_of_checks(ids, horizon)
    spans: dict[Leaf, list[Span]] = {}
    for check in checks:
        born = min([first.get(check.pk, horizon.end), *(b.start for b in bad.get(check.pk, []))])
        mine = [Span(Interval(horizon.start, born), Health.UNKNOWN)]
        mine += [Span(interval, Health.UNKNOWN) for interval in dark.get(check.pk, [])]
        mine += [
            Span(interval, Health.BAD) for interval in bad.get(check.pk, [])
        ]  # an outage on record is known
        made = min(check.created_at, born)  # results entered afterwards may be older than the check
        mine.append(Span(Interval(horizon.start, made), Health.SUSPENDED))
        if check.archived_at is not None:
            mine.append(Span(Interval(check.archived_at, horizon.end), Health.SUSPENDED))
        spans[Leaf(LeafKind.CHECK, check.code)] = [span for span in mine if span.interval]
    return spans


def _first_results(checks: Sequence[int]) -> dict[int, datetime]:
    rows = StateChange.objects.filter(check_row__in=checks, kind=Turn.FIRST_GOOD, withdrawn_at=None)
    found: dict[int, datetime] = {}
    for pk, at_ms in rows.order_by("-at_ms").values_list("check_row", "at_ms"):
        found[pk or 0] = from_millis(at_ms)
    return found


def _dark(checks: Sequence[int], horizon: Interval) -> dict[int, list[Interval]]:
    """Return when each check gave no verdict."""
    lines = (
        StateChange.objects.filter(
            check_row__in=checks,
            withdrawn_at=None,
            kind__in=[word.value for pair in _DARK.items() for word in pair],
            at_ms__lt=to_millis(horizon.end),
        )
        .order_by("at_ms", "id")
        .values_list("check_row", "kind", "at_ms", "start_ms")
    )
    began: dict[tuple[int, Turn], int] = {}
    found: dict[int, list[Interval]] = defaultdict(list)
    endings: Mapping[Turn, Turn] = {ended: start for start, ended in _DARK.items()}
    for pk, kind, at_ms, start_ms in lines:
        turn = Turn(kind)
        if turn in _DARK:
            began.setdefault((pk or 0, turn), at_ms)
        else:
            since = began.pop((pk or 0, endings[turn]), start_ms)
            if since is not None:
                found[pk or 0].append(Interval(from_millis(since), from_millis(at_ms)))
    for (pk, _), at_ms in began.items():
        found[pk].append(Interval(from_millis(at_ms), horizon.end))
    return {pk: merge(intervals) for pk, intervals in found.items()}
