"""A system's time in lanes (泳道): its own outages above those of each of its checks; five queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from taxops.engines.base import Scope, to_millis
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage
from taxops.systems.operations.monitoring.rules import stretches
from taxops.systems.operations.monitoring.words import Severity

from .outages import list_outages, touching
from .timelines import Timeline
from .windows import agreed_between

MOST = 40


@dataclass(frozen=True, slots=True)
class Lanes:
    """What is drawn for a span of time (泳道图): the system's line, its checks' lines, the outages beneath."""

    own: Timeline
    checks: Sequence[tuple[Check, Timeline, int]]
    outages: Sequence[Any]
    hidden: int


def lanes(scope: Scope, now: datetime, system: MonitoredSystem, start: datetime, end: datetime) -> Lanes:
    """Return a system's lanes over `[start, end)`; checks with the longest outages first, at most `MOST`."""
    over = min(end, now)
    which = Q(system=system) | Q(check_row__system=system)
    rows = list(touching(list_outages(scope, now).filter(which), start, over).order_by("started_at"))
    windows = [o for o in agreed_between(start, end) if o.names(system_id=system.pk)]
    closed = [o.interval for o in windows]
    born = to_millis(system.created_at)
    checks = list(
        Check.objects.filter(system=system, archived_at=None).only("pk", "name", "code", "severity")
    )
    by_check: dict[int, list[Outage]] = {}
    for row in rows:
        if row.check_row_id is not None:
            by_check.setdefault(row.check_row_id, []).append(row)

    def line(label: str, own: Sequence[Outage]) -> Timeline:
        spans = [(to_millis(o.started_at), to_millis(o.ended_at or now)) for o in own]
        drawn = stretches([], spans, to_millis(start), to_millis(over), born_ms=born)
        return Timeline(label, start, end, drawn, closed)

    made = [
        (check, line(check.name, by_check.get(check.pk, [])), len(by_check.get(check.pk, [])))
        for check in checks
    ]
    made.sort(key=lambda one: (-one[1].down_s, one[0].severity == Severity.MINOR, one[0].code))
    return Lanes(
        line(system.name, [row for row in rows if row.system_id is not None]),
        made[:MOST],
        list(reversed(rows))[:60],
        max(0, len(made) - MOST),
    )
