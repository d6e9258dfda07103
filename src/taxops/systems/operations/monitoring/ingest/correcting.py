"""Making the record say what history tells (更正): outages added, changed, withdrawn; each leaves a trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from taxops.systems.operations.monitoring.models import Outage
from taxops.systems.operations.monitoring.rules import Span, difference

from .turns import Happened, span_of


def correct(
    recorded: Iterable[Outage],
    told: Sequence[Span],
    happened: Happened,
    now: datetime,
    *,
    check_id: int | None = None,
    system_id: int | None = None,
    severity: str,
    why: str,
) -> bool:
    """Bring one subject's outages on record to what is told; True when something changed.

    Args:
        recorded: the outages that may be wrong, withdrawn ones included.
        told: what they ought to be.
        check_id: the check they are about, or
        system_id: the system.
        severity: of new outages.
        why: noted on a withdrawn outage.
    """
    rows = list(recorded)
    by_start = {row.started_at: row for row in rows}
    found = difference((span_of(row) for row in rows if row.withdrawn_at is None), told)
    # An end comes before a beginning: only one outage of a subject may be open at a time.
    for start in found.gone:
        row = by_start[start]
        row.withdrawn_at, row.withdrawn_why = now, why
        row.save(update_fields=["withdrawn_at", "withdrawn_why"])
        happened.withdrawn.append(row)
    for span in sorted(found.changed, key=lambda s: s.ended_at is None):
        row = by_start[span.started_at]
        was = span_of(row)
        _set(row, span)
        row.save(update_fields=["ended_at", "detected_at", "recovered_at", "cause"])
        if was.ended_at is None and span.ended_at is not None and was.detected_at == span.detected_at:
            happened.closed.append(row)  # it simply ended; nothing that was known turned out wrong
        else:
            happened.corrected.append((row, was, span))
    for span in sorted(found.new, key=lambda s: s.ended_at is None):
        back = by_start.get(span.started_at)
        if back is not None:  # withdrawn before, and true after all
            _set(back, span)
            back.withdrawn_at, back.withdrawn_why = None, ""
            back.save()
            happened.opened.append(back)
            happened.blame[back.pk] = span.blame
            continue
        row = Outage(
            check_row_id=check_id,
            system_id=system_id,
            severity=severity,
            started_at=span.started_at,
            entered_at=now,
        )
        _set(row, span)
        row.save(force_insert=True)
        happened.opened.append(row)
        happened.blame[row.pk] = span.blame
    return bool(found)


def _set(row: Outage, span: Span) -> None:
    row.ended_at = span.ended_at
    row.detected_at = span.detected_at
    row.recovered_at = span.recovered_at
    row.cause = span.cause or row.cause
