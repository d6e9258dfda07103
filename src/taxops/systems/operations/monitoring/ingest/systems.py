"""From outages of checks to outages of systems (系统中断), by their health trees; never further back than needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from taxops.engines.base import Interval, from_millis, to_millis
from taxops.engines.checks import (
    Leaf,
    LeafKind,
    Tree,
    all_of,
    counted_leaves,
    down_intervals,
    grow,
    leaves,
    leaving,
    parse_tree,
    system_order,
)
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage, StateChange
from taxops.systems.operations.monitoring.queries.windows import agreed_between
from taxops.systems.operations.monitoring.rules import Span
from taxops.systems.operations.monitoring.words import Cause, Severity, Turn

from . import suppressing
from .correcting import correct
from .turns import Happened, span_of

_FOREVER = timedelta(days=36_500)
_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Woods:
    """All systems' trees (健康树) with what is needed to follow them."""

    systems: Mapping[str, MonitoredSystem]
    trees: Mapping[str, Tree]
    order: tuple[str, ...]

    def above(self, codes: Iterable[str]) -> list[str]:
        """Return these systems and all that ask for them, each after those it asks for."""
        wanted = set(codes)
        for code in self.order:
            if any(leaf.kind is LeafKind.SYSTEM and leaf.code in wanted for leaf in leaves(self.trees[code])):
                wanted.add(code)
        return [code for code in self.order if code in wanted]


def woods() -> Woods:
    """Return the trees of all systems, patterns grown to the members there are; three queries at most.

    A system without its own tree is down when one of its checks is that matters (紧急 or 重要). Checks
    that were switched off or archived stay in it: their outages ended then, and remain true.
    """
    systems = {s.code: s for s in MonitoredSystem.objects.filter(archived_at=None).order_by("code")}
    plain = [s.pk for s in systems.values() if not s.tree]
    usual: dict[int, list[str]] = defaultdict(list)
    mattering = Check.objects.filter(system__in=plain).exclude(severity=Severity.MINOR).order_by("code")
    for system_id, code in mattering.values_list("system_id", "code"):
        usual[system_id].append(code)
    written = {code: parse_tree(system.tree) for code, system in systems.items() if system.tree}
    members = _members([systems[code].pk for code, tree in written.items() if has_pattern(tree)])
    trees: dict[str, Tree] = {}
    for code, system in systems.items():
        if code in written:
            trees[code] = grow(written[code], members.get(system.pk, ()))
        elif usual[system.pk]:
            trees[code] = all_of(usual[system.pk])
    return Woods(systems, trees, tuple(system_order(trees)))


def has_pattern(tree: Tree) -> bool:
    """Test whether a tree names members by pattern, so that it changes as checks come and go."""
    return not isinstance(tree, Leaf) and (bool(tree.members) or any(map(has_pattern, tree.parts)))


def _members(system_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the codes of the checks that are carried out, by system."""
    found: dict[int, list[str]] = defaultdict(list)
    if system_ids:
        rows = Check.objects.filter(system__in=system_ids, archived_at=None, enabled=True).order_by("code")
        for system_id, code in rows.values_list("system_id", "code"):
            found[system_id].append(code)
    return found


def members_changed(system_id: int, now: datetime) -> None:
    """Note that checks came to or left a system whose tree counts them by pattern: from now on, not before."""
    system = MonitoredSystem.objects.filter(pk=system_id).exclude(tree=None).first()
    if system is not None and has_pattern(parse_tree(system.tree)):
        MonitoredSystem.objects.filter(pk=system_id).update(tree_from=now)


def settle_windows(checks: Iterable[int], since: datetime, now: datetime, happened: Happened) -> None:
    """Judge the systems again that count these checks, from `since` on: maintenance takes members out (维护重算)."""
    wood = woods()
    codes = dict(Check.objects.filter(pk__in=list(checks)).values_list("code", "pk"))
    touched = {
        wood.systems[code].pk: to_millis(since)
        for code, tree in wood.trees.items()
        if any(leaf.code in codes for leaf in counted_leaves(tree) if leaf.kind is LeafKind.CHECK)
    }
    recompute(touched, happened, now, cause=Cause.TREE)


def recompute(touched: Mapping[int, int], happened: Happened, now: datetime, *, cause: Cause) -> None:
    """Bring the outages of systems in line with those of their checks.

    Args:
        touched: system id → the instant (ms) from which its checks' outages may differ.
        happened: what came of it is added here.
        cause: what set it off.
    """
    todo, handled = dict(touched), set[tuple[int, datetime | None]]()
    for _ in range(
        _MOST_ROUNDS
    ):  # what goes down may explain outages below it, which may be systems' in turn
        happened.systems.clear()
        suppressing.judge(happened, now, handled)
        for pk, from_ms in happened.systems.items():
            todo[pk] = min(from_ms, todo.get(pk, from_ms))
        if not todo:
            break
        _recompute(todo, happened, now, cause)
        todo = {}


def _recompute(touched: Mapping[int, int], happened: Happened, now: datetime, cause: Cause) -> None:
    wood = woods()
    ids = {system.pk: code for code, system in wood.systems.items()}
    affected = wood.above(ids[pk] for pk in touched if pk in ids)
    if not affected:
        return
    rows = [wood.systems[code] for code in affected]
    # Locked in the order of their ids, after the checks: two batches that meet here take turns.
    list(
        MonitoredSystem.objects.select_for_update(no_key=True)
        .filter(pk__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    since = from_millis(min(touched.values()))
    for code in affected:
        _one(wood, code, since, happened, now, cause)


def _one(wood: Woods, code: str, since: datetime, happened: Happened, now: datetime, cause: Cause) -> None:
    """Recompute one system from `since`, or from the start of the outage that was going on then.

    Never from before the present tree came into force: what an earlier tree said stays said.
    """
    system, tree = wood.systems[code], wood.trees[code]
    since = max(since, system.tree_from)
    # An outage that ended at `since` may turn out to go on, hence `gte`.
    live = list(
        Outage.objects.filter(Q(ended_at=None) | Q(ended_at__gte=since), system=system, withdrawn_at=None)
    )
    carried = next((row for row in live if row.started_at < system.tree_from), None)
    start = system.tree_from if carried else min([since, *(row.started_at for row in live)])
    recorded = [
        *live,
        *Outage.objects.filter(system=system, started_at__gte=start, withdrawn_at__isnull=False),
    ]
    parts = _leaf_outages(tree, start)
    horizon = Interval(start, now + _FOREVER)
    bad = _intervals(parts, horizon.end, known=False)
    away = _away(tree, parts, start, now)
    detections = down_intervals(tree, _intervals(parts, horizon.end, known=True), horizon, suspended=away)
    told = [
        _span(interval, detections, parts, horizon, happened)
        for interval in down_intervals(tree, bad, horizon, suspended=away)
    ]
    if carried is not None:  # began under an earlier tree
        if told and told[0].started_at == start:
            told[0] = replace(
                told[0], started_at=carried.started_at, detected_at=carried.detected_at, cause=carried.cause
            )
        elif carried.ended_at is not None:
            told.insert(0, span_of(carried))
        else:
            told.insert(0, replace(span_of(carried), ended_at=start, recovered_at=start))
    before = {row.started_at: row.ended_at for row in live}
    if correct(
        recorded,
        told,
        happened,
        now,
        system_id=system.pk,
        severity=system.severity,
        why="按健康树重新计算后不成立",
    ):
        _history(system, before, told, now, cause)


def _away(
    tree: Tree, parts: Mapping[Leaf, Sequence[Outage]], start: datetime, now: datetime
) -> dict[Leaf, list[Interval]]:
    """Return when members of counted groups are out for maintenance; no query when none is down."""
    counted = {leaf.code for leaf in counted_leaves(tree) if leaf.kind is LeafKind.CHECK}
    if not counted or not any(leaf.code in counted for leaf in parts):
        return {}
    ids = dict(Check.objects.filter(code__in=sorted(counted)).values_list("pk", "code"))
    found: dict[Leaf, list[Interval]] = {}
    for one in agreed_between(start, now):
        # One under way holds until further notice: its end is judged when it has come (`judge_windows`).
        interval = Interval(
            one.interval.start, now + _FOREVER if one.interval.end > now else one.interval.end
        )
        for pk in one.checks & set(ids):
            found.setdefault(Leaf(LeafKind.CHECK, ids[pk]), []).append(interval)
    return leaving(tree, found)


def leaf_intervals(tree: Tree, since: datetime, until: datetime) -> dict[Leaf, list[Interval]]:
    """Return when each leaf of a tree was down from `since` on; what lasts ends at `until`."""
    return _intervals(_leaf_outages(tree, since), until, known=False)


def _intervals(
    parts: Mapping[Leaf, Sequence[Outage]], end: datetime, *, known: bool
) -> dict[Leaf, list[Interval]]:
    """Return when each leaf was down, or when it was known to be."""
    if known:
        return {
            leaf: [
                Interval(max(o.detected_at, o.counted_at), max(o.recovered_at or end, o.counted_at))
                for o in found
            ]
            for leaf, found in parts.items()
        }
    return {leaf: [Interval(o.counted_at, o.ended_at or end) for o in found] for leaf, found in parts.items()}


def _leaf_outages(tree: Tree, since: datetime) -> dict[Leaf, list[Outage]]:
    """Return the outages of each leaf that count in the time from `since` on; two queries."""
    wanted = list(dict.fromkeys(leaves(tree)))
    current = (
        Outage.objects.filter(withdrawn_at=None)
        .filter(Q(ended_at=None) | Q(ended_at__gt=since))
        .exclude(suppressed_by__isnull=False, counts_from=None)
    )
    checks = [leaf.code for leaf in wanted if leaf.kind is LeafKind.CHECK]
    systems = [leaf.code for leaf in wanted if leaf.kind is LeafKind.SYSTEM]
    found: dict[Leaf, list[Outage]] = {}
    if checks:
        for outage in current.filter(check_row__code__in=checks).select_related("check_row"):
            assert outage.check_row is not None
            found.setdefault(Leaf(LeafKind.CHECK, outage.check_row.code), []).append(outage)
    if systems:
        for outage in current.filter(system__code__in=systems).select_related("system"):
            assert outage.system is not None
            found.setdefault(Leaf(LeafKind.SYSTEM, outage.system.code), []).append(outage)
    return found


def _span(
    interval: Interval,
    detections: Sequence[Interval],
    parts: Mapping[Leaf, Sequence[Outage]],
    horizon: Interval,
    happened: Happened,
) -> Span:
    """Return one system outage with when it was known and which leaves were down at its beginning."""
    ended = None if interval.end == horizon.end else interval.end
    guilty = [
        outage
        for found in parts.values()
        for outage in found
        if outage.counted_at <= interval.start
        and (outage.ended_at is None or outage.ended_at > interval.start)
    ]
    last = max((max(o.detected_at, o.counted_at) for o in guilty), default=interval.start)
    detected = next(
        (d.start for d in detections if interval.start <= d.start and d.end > interval.start), last
    )
    recovered = None
    if ended is not None:
        ends = [
            o.recovered_at
            for found in parts.values()
            for o in found
            if o.ended_at == ended and o.recovered_at
        ]
        recovered = min(ends, default=ended)
    names = [str(outage.check_row or outage.system) for outage in guilty]
    cause = "、".join(names[:5]) + (f"等 {len(names)} 项" if len(names) > 5 else "") + "中断"
    blame: frozenset[int] = frozenset().union(
        *(
            happened.blame.get(o.pk, frozenset({0})) if o.check_row_id is None else {o.check_row_id}
            for o in guilty
        )
    )
    return Span(interval.start, ended, max(detected, interval.start), recovered, cause, blame)


def _history(
    system: MonitoredSystem,
    before: Mapping[datetime, datetime | None],
    told: Sequence[Span],
    now: datetime,
    cause: Cause,
) -> None:
    """Append the lines that tell how the system's outages changed."""
    lines: list[StateChange] = []
    moved: list[int] = []
    for span in told:
        start = to_millis(span.started_at)
        if span.started_at not in before:
            lines.append(
                StateChange(
                    system=system,
                    kind=Turn.OUTAGE_OPENED.value,
                    at_ms=start,
                    known_ms=to_millis(span.detected_at),
                    entered_at=now,
                    cause=cause.value,
                    message=span.cause,
                )
            )
        if span.ended_at is not None and before.get(span.started_at) != span.ended_at:
            end = to_millis(span.ended_at)
            moved.append(start)
            lines.append(
                StateChange(
                    system=system,
                    kind=Turn.OUTAGE_CLOSED.value,
                    at_ms=end,
                    known_ms=to_millis(span.recovered_at or span.ended_at),
                    start_ms=start,
                    entered_at=now,
                    cause=cause.value,
                )
            )
    gone = [to_millis(start) for start in before if start not in {span.started_at for span in told}]
    wrong = Q(kind=Turn.OUTAGE_OPENED, at_ms__in=gone) | Q(
        kind=Turn.OUTAGE_CLOSED, start_ms__in=[*gone, *moved]
    )
    if gone or moved:
        StateChange.objects.filter(wrong, system=system, withdrawn_at=None).update(withdrawn_at=now)
    StateChange.objects.bulk_create(lines)
