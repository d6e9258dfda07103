"""Judging metrics by their bands (基线判定), from roll-ups, once a slot. A finding is a warning, never an outage."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import from_millis
from taxops.engines.checks import Band, BandPoint, BandRule, BandVerdict, band, parse_bands, slots_wanted
from taxops.engines.worktime import shipped_legal_days
from taxops.systems.operations.monitoring.models import (
    BandState,
    Check,
    ControlRoom,
    MetricRollup5m,
    Rollup5m,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import SLOT_MS
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import Cause, Turn

DURATION = "duration_ms"
"""The mean duration of a check's results, which every kind has: a metric like the others."""
_OUTSIDE = frozenset({BandVerdict.HIGH.value, BandVerdict.LOW.value})


def judge_bands(*, now: datetime) -> int:
    """Judge every banded metric by the last slot that was rolled up; return how many have a verdict.

    Idempotent: a slot judged before is left as it is, so a job that runs twice writes no second line.
    """
    room = ControlRoom.objects.filter(pk=1).first()
    if room is None or not room.rolled_to:
        return 0
    slot = room.rolled_to - 1
    count = 0
    checks = (
        Check.objects.filter(enabled=True, archived_at=None).exclude(bands=[]).select_related("system__org")
    )
    for check in checks.order_by("pk"):
        for rule in parse_bands(check.bands):
            found = _look(check, rule, slot)
            if found is not None:
                count += 1
                _keep(check, rule, slot, found, now)
    return count


def _look(check: Check, rule: BandRule, slot: int) -> Band | None:
    """Return how a metric stood in a slot; None when there was no value in it."""
    at = from_millis(slot * SLOT_MS)
    wanted = [slot, *slots_wanted(rule, at)]
    values: dict[int, float]
    if rule.metric == DURATION:
        rows = Rollup5m.objects.filter(check_id=check.pk, slot__in=wanted, n__gt=0)
        values = {s: total / n / 1000 for s, n, total in rows.values_list("slot", "n", "duration_sum_us")}
    else:
        numbers = MetricRollup5m.objects.filter(
            check_id=check.pk, metric=rule.metric, slot__in=wanted, n__gt=0
        )
        values = {s: total / n for s, n, total in numbers.values_list("slot", "n", "total")}
    value = values.pop(slot, None)
    if value is None:
        return None
    return band(rule, at, value, [BandPoint(s, v) for s, v in values.items()], shipped_legal_days())


def _keep(check: Check, rule: BandRule, slot: int, found: Band, now: datetime) -> None:
    """Write how the metric stands, and a line of history when that changed."""
    at_ms = slot * SLOT_MS
    with transaction.atomic():
        state = (
            BandState.objects.select_for_update().filter(check_row=check, metric=rule.metric).first()
        )  # fmt: skip
        if state is not None and state.at_ms >= at_ms:
            return
        was = state.verdict if state is not None else ""
        if state is None:
            state = BandState(check_row=check, metric=rule.metric, since_ms=at_ms)
        elif was != found.verdict.value:
            state.since_ms = at_ms
        state.verdict, state.at_ms, state.value = found.verdict.value, at_ms, found.value
        state.words = found.words()[:300]
        state.save()
        left, back = found.verdict.value in _OUTSIDE, was in _OUTSIDE
        if left is not back or (left and was != found.verdict.value):
            StateChange.objects.create(
                check_row=check,
                kind=(Turn.BAND_LEFT if left else Turn.BAND_BACK).value,
                at_ms=at_ms,
                known_ms=at_ms + SLOT_MS,
                entered_at=now,
                cause=Cause.RESULT.value,
                message=f"{rule.metric}：{state.words}"[:500],
            )
            tell_pages("state", scope_path=check.system.org.path)
