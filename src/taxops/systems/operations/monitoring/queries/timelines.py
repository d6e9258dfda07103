"""Timelines (时间线) of checks and systems over a day, a week, a quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from taxops.engines.base import Interval, to_millis
from taxops.systems.operations.monitoring.models import (
    Check,
    MonitoredSystem,
    Outage,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import Line, Stretch, stretches
from taxops.systems.operations.monitoring.words import Turn

from .windows import agreed_between

SPANS = (("24 小时", timedelta(days=1)), ("7 天", timedelta(days=7)), ("90 天", timedelta(days=90)))
_DRAWN = (
    Turn.WARNING_BEGAN, Turn.WARNING_ENDED, Turn.UNKNOWN_BEGAN, Turn.UNKNOWN_ENDED, Turn.SILENT_BEGAN,
    Turn.SILENT_ENDED, Turn.DISABLED, Turn.ENABLED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timeline:
    """One line to draw (时间线): its stretches, the windows beside them, how long it was down."""

    label: str
    start: datetime
    end: datetime
    stretches: Sequence[Stretch]
    windows: Sequence[Interval] = ()

    @property
    def down_s(self) -> float:
        """Seconds of outage inside the line."""
        return sum((s.end_ms - s.start_ms) / 1000 for s in self.stretches if s.shown == "critical")


def of_check(check: Check, now: datetime) -> list[Timeline]:
    """Return a check's timelines; a fixed number of queries."""
    oldest = now - SPANS[-1][1]
    lines = [
        Line(kind, at_ms, start_ms)
        for kind, at_ms, start_ms in StateChange.objects.filter(
            check_row=check, withdrawn_at=None, kind__in=_DRAWN
        )
        .order_by("at_ms", "id")
        .values_list("kind", "at_ms", "start_ms")
    ]
    first = (
        StateChange.objects.filter(check_row=check, kind=Turn.FIRST_GOOD)
        .order_by("at_ms")
        .values_list("at_ms", flat=True)
        .first()
    )
    outages = _outages(Q(check_row=check), oldest)
    born = min([first or to_millis(now), *(begin for begin, _ in outages)])
    windows = _windows(oldest, now, check_id=check.pk, system_id=check.system_id)
    return _lines(lines, outages, born, windows, now)


def of_system(system: MonitoredSystem, now: datetime) -> list[Timeline]:
    """Return a system's timelines: its own outages, and as warnings those of its checks; few queries."""
    oldest = now - SPANS[-1][1]
    outages = _outages(Q(system=system), oldest)
    lines: list[Line] = []
    for begin, end in _outages(Q(check_row__system=system), oldest):
        lines.append(Line(Turn.WARNING_BEGAN, begin))
        if end is not None:
            lines.append(Line(Turn.WARNING_ENDED, end))
    windows = _windows(oldest, now, check_id=None, system_id=system.pk)
    return _lines(_merged(lines), outages, to_millis(system.created_at), windows, now)


def _merged(lines: list[Line]) -> list[Line]:
    """Return beginnings and ends so that overlapping stretches become one."""
    depth = 0
    found: list[Line] = []
    for line in sorted(lines, key=lambda one: (one.at_ms, one.kind == Turn.WARNING_ENDED)):
        began = line.kind == Turn.WARNING_BEGAN
        depth += 1 if began else -1
        if (began and depth == 1) or (not began and depth == 0):
            found.append(line)
    return found


def _outages(which: Q, since: datetime) -> list[tuple[int, int | None]]:
    rows = (
        Outage.objects.filter(which, withdrawn_at=None)
        .filter(Q(ended_at=None) | Q(ended_at__gt=since))
        .order_by("started_at")
        .values_list("started_at", "ended_at")
    )
    return [(to_millis(begin), None if end is None else to_millis(end)) for begin, end in rows]


def _windows(since: datetime, now: datetime, *, check_id: int | None, system_id: int) -> list[Interval]:
    return [
        one.interval
        for one in agreed_between(since, now)
        if one.names(check_id=check_id, system_id=system_id)
    ]


def _lines(
    lines: Sequence[Line],
    outages: Sequence[tuple[int, int | None]],
    born_ms: int,
    windows: Sequence[Interval],
    now: datetime,
) -> list[Timeline]:
    return [
        Timeline(
            label,
            now - span,
            now,
            stretches(lines, outages, to_millis(now - span), to_millis(now), born_ms=born_ms),
            [w for w in windows if w.end > now - span],
        )
        for label, span in SPANS
    ]
