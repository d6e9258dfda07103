"""Writing changes into history (入账): state changes, outages opened and closed. Inside the batch's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from taxops.engines.base import from_millis
from taxops.systems.operations.monitoring.models import Outage, StateChange
from taxops.systems.operations.monitoring.rules import Span
from taxops.systems.operations.monitoring.words import Cause, Turn

from .judging import Moved

_FLAPPING = frozenset({Turn.FLAPPING_BEGAN, Turn.FLAPPING_ENDED})


@dataclass(slots=True)
class Happened:
    """What a batch brought about (影响), for the systems above and for those who must be told.

    Args:
        flapped: which checks began to flap or ceased (抖动), in the order in which they did.
        blame: by new outage of a system: the checks that were down when it began; 0 among them: something else too.
    """

    opened: list[Outage] = field(default_factory=list)
    closed: list[Outage] = field(default_factory=list)
    withdrawn: list[Outage] = field(default_factory=list)
    corrected: list[tuple[Outage, Span, Span]] = field(default_factory=list)
    suppressed: list[Outage] = field(default_factory=list)
    flapped: list[Moved] = field(default_factory=list)
    blame: dict[int, frozenset[int]] = field(default_factory=dict)
    checks: set[int] = field(default_factory=set)
    systems: dict[int, int] = field(default_factory=dict)

    def touch_system(self, system_id: int, from_ms: int) -> None:
        """Note that a system's outages may differ from `from_ms` on."""
        known = self.systems.get(system_id)
        self.systems[system_id] = from_ms if known is None else min(known, from_ms)

    def __bool__(self) -> bool:
        return bool(
            self.checks
            or self.systems
            or self.opened
            or self.closed
            or self.withdrawn
            or self.corrected
            or self.suppressed
            or self.flapped
        )


def write(moved: Sequence[Moved], happened: Happened, now: datetime) -> None:
    """Store what a batch changed: a line of history each, outages opened and closed; few statements."""
    if not moved:
        return
    write_lines(moved, now, Cause.RESULT)
    ending = [m.check_id for m in moved if m.kind is Turn.OUTAGE_CLOSED]
    open_now: dict[int, Outage] = {}
    if ending:
        found = Outage.objects.filter(check_row_id__in=ending, ended_at=None, withdrawn_at=None)
        open_now = {outage.check_row_id: outage for outage in found if outage.check_row_id is not None}
    opened: list[Outage] = []
    closed: list[Outage] = []
    for m in moved:
        happened.checks.add(m.check_id)
        if m.kind is Turn.OUTAGE_CLOSED:
            outage = open_now.pop(m.check_id, None)
            if outage is not None:
                outage.ended_at = from_millis(m.at_ms)
                outage.recovered_at = from_millis(m.known_ms)
                happened.touch_system(m.system_id, m.at_ms)
                if outage.pk is not None:
                    closed.append(outage)
        elif m.kind is Turn.OUTAGE_OPENED:
            outage = Outage(
                check_row_id=m.check_id,
                started_at=from_millis(m.at_ms),
                detected_at=from_millis(m.known_ms),
                severity=m.severity,
                cause=m.message,
                entered_at=now,
            )
            opened.append(outage)
            open_now[m.check_id] = outage
            happened.touch_system(m.system_id, m.at_ms)
        elif m.kind in _FLAPPING:
            happened.flapped.append(m)
    # Ends first: only one outage of a check may be open at a time.
    Outage.objects.bulk_update(closed, ["ended_at", "recovered_at"])
    for outage in opened:
        outage.save(force_insert=True)
    happened.opened += opened
    happened.closed += closed


def write_lines(moved: Iterable[Moved], now: datetime, cause: Cause) -> None:
    """Append lines to the history of checks."""
    StateChange.objects.bulk_create(
        StateChange(
            check_row_id=m.check_id,
            kind=m.kind.value,
            at_ms=m.at_ms,
            known_ms=m.known_ms,
            start_ms=m.start_ms,
            entered_at=now,
            cause=cause.value,
            message=m.message,
        )
        for m in moved
    )


def span_of(outage: Outage) -> Span:
    """Return an outage as a plain span."""
    return Span(outage.started_at, outage.ended_at, outage.detected_at, outage.recovered_at, outage.cause)
