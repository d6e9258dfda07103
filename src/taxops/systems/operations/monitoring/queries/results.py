"""Results of a check over time: raw for days, five-minute roll-ups for years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from taxops.engines.base import BadInput, to_millis
from taxops.systems.operations.monitoring.models import Check, ResultNote, Rollup5m
from taxops.systems.operations.monitoring.rules import SLOT_MS

from .raw import raw_between

LONGEST = timedelta(days=92)
MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a chart (图点): a time, the mean and largest duration, how many results, how many bad."""

    at_ms: int
    mean_ms: float | None
    most_ms: float | None
    n: int
    bad: int


def raw_results(
    check: Check, start: datetime, end: datetime, *, limit: int = 5000
) -> list[dict[str, object]]:
    """Return single results of a check in `[start, end)` with what they said; at most `limit`, earliest first.

    Raises:
        BadInput: the range is empty or longer than a day.
    """
    if end <= start:
        raise BadInput("结束时间应晚于开始时间。", field="to")
    if end - start > timedelta(days=1):
        raise BadInput("原始结果每次最多查询一天。", "更长的时段请查询汇总。", field="to")
    from_ms, to_ms = to_millis(start), to_millis(end)
    rows = raw_between(check.pk, from_ms, to_ms)
    rows = rows[:limit]
    notes = {
        note.at_ms: note
        for note in ResultNote.objects.filter(check_row=check, at_ms__gte=from_ms, at_ms__lt=to_ms).order_by(
            "at_ms"
        )[:limit]
    }
    return [
        {
            "at_ms": at_ms,
            "code": code,
            "duration_us": duration_us,
            "suspect": bool(suspect),
            "message": notes[at_ms].message if at_ms in notes else "",
            "metrics": notes[at_ms].metrics if at_ms in notes else None,
        }
        for at_ms, code, suspect, duration_us in rows
    ]


def chart_series(check: Check, start: datetime, end: datetime) -> list[Point]:
    """Return a check's durations and failures over a time, at most some hundred points; few queries."""
    from_ms, to_ms = to_millis(start), to_millis(end)
    if to_ms - from_ms <= 2 * 3_600_000:
        rows = raw_between(check.pk, from_ms, to_ms)
        found = [(at, 1, 1 if code == 2 else 0, took, took) for at, code, _, took in rows]
    else:
        found = _rolled(check, from_ms, to_ms)
    width = max(1, -(-(to_ms - from_ms) // MOST_POINTS))
    return _gather(found, from_ms, width)


def _rolled(check: Check, from_ms: int, to_ms: int) -> list[tuple[int, int, int, int, int]]:
    rolled = list(
        Rollup5m.objects.filter(
            check_id=check.pk, slot__gte=from_ms // SLOT_MS, slot__lt=-(-to_ms // SLOT_MS)
        )
        .order_by("slot")
        .values_list("slot", "n", "n_critical", "duration_sum_us", "duration_max_us")
    )
    found = [(slot * SLOT_MS, n, bad, total, most) for slot, n, bad, total, most in rolled]
    after = max([from_ms, *((row[0] + SLOT_MS) for row in found[-1:])])
    if to_ms - after <= 3 * 3_600_000:  # what is not rolled up yet
        rows = raw_between(check.pk, after, to_ms)
        found += [(at, 1, 1 if code == 2 else 0, took, took) for at, code, _, took in rows]
    return found


def _gather(found: Sequence[tuple[int, int, int, int, int]], from_ms: int, width: int) -> list[Point]:
    """Gather rows `(at, n, bad, sum, most)` into points `width` ms apart."""
    bins: dict[int, list[int]] = {}
    for at_ms, n, bad, total, most in found:
        into = bins.setdefault(max(0, at_ms - from_ms) // width, [0, 0, 0, 0])
        into[0] += n
        into[1] += bad
        into[2] += total
        into[3] = max(into[3], most)
    return [
        Point(from_ms + place * width, into[2] / into[0] / 1000, into[3] / 1000, into[0], into[1])
        for place, into in sorted(bins.items())
    ]
