"""Roll-ups and retention (汇总与保留): what is kept, how finely, how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from taxops.engines.base import to_millis
from taxops.systems.operations.monitoring.models import (
    BatchReceipt,
    Check,
    ControlRoom,
    RawMetric,
    RawResult,
    StaleSlot,
)
from taxops.systems.operations.monitoring.rules import CELLS_A_SLOT, SLOT_MS, first_slot_kept, roll_metrics

SETTLE_MS = 60_000
"""A slot is rolled up when it has been over for so long; later results mark it stale."""
NOTES_LEAST = 20
CHANGES_LEAST = 50
RECEIPT_DAYS = 14
PING_DAYS = 90
_DAY_MS = 86_400_000

_ROLL = """
    INSERT INTO operations_rollup5m (check_id, slot, n, n_ok, n_warning, n_critical, n_unknown, n_suspect,
                                     duration_sum_us, duration_max_us, duration_min_us, duration_p95_us)
    SELECT check_id, %s, count(*),
           sum(CASE WHEN code = 0 THEN 1 ELSE 0 END), sum(CASE WHEN code = 1 THEN 1 ELSE 0 END),
           sum(CASE WHEN code = 2 THEN 1 ELSE 0 END), sum(CASE WHEN code = 3 THEN 1 ELSE 0 END),
           sum(suspect), sum(duration_us), max(duration_us), min(duration_us),
           max(CASE WHEN place <= (total * 95 + 99) / 100 THEN duration_us ELSE 0 END)
      FROM (SELECT check_id, code, suspect, duration_us, count(*) OVER (PARTITION BY check_id) AS total,
                   row_number() OVER (PARTITION BY check_id ORDER BY duration_us) AS place
              FROM operations_rawresult WHERE cell >= %s AND cell < %s) ranked
     GROUP BY check_id
    ON CONFLICT (check_id, slot) DO UPDATE SET
        n = excluded.n, n_ok = excluded.n_ok, n_warning = excluded.n_warning, n_critical = excluded.n_critical,
        n_unknown = excluded.n_unknown, n_suspect = excluded.n_suspect,
        duration_sum_us = excluded.duration_sum_us, duration_max_us = excluded.duration_max_us,
        duration_min_us = excluded.duration_min_us, duration_p95_us = excluded.duration_p95_us
"""
_METRIC = (
    "INSERT INTO operations_metricrollup5m (check_id, metric, slot, n, total, least, most, p95)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (check_id, metric, slot) DO UPDATE SET"
    " n = excluded.n, total = excluded.total, least = excluded.least, most = excluded.most, p95 = excluded.p95"
)


def roll_up(*, now: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Make the roll-ups of every slot that is over, and of those that late results touched; return how many.

    Doing it twice gives the same rows; a slot per transaction, so that probers never wait long. One killed
    half-way goes on where it stood: the mark of how far it came moves with each slot's rows.
    """
    room, _ = ControlRoom.objects.get_or_create(pk=1)
    first_kept = first_slot_kept(to_millis(now), keep_days=room.raw_days)
    last = (to_millis(now) - SETTLE_MS) // SLOT_MS
    start = max(room.rolled_to, first_kept, _first_slot(last))
    stale = list(
        StaleSlot.objects.filter(slot__gte=first_kept, slot__lt=last)
        .order_by("slot")
        .values_list("slot", flat=True)
    )
    todo = sorted({*stale, *range(start, last)})
    for done, slot in enumerate(todo, 1):
        with transaction.atomic():
            # The mark goes first: results that come while the slot is read mark it again.
            StaleSlot.objects.filter(slot=slot).delete()
            cells = [slot * CELLS_A_SLOT, (slot + 1) * CELLS_A_SLOT]
            with connection.cursor() as cursor:
                cursor.execute(_ROLL, [slot, *cells])
                checks = cursor.rowcount
                numbers = list(
                    RawMetric.objects.filter(cell__gte=cells[0], cell__lt=cells[1]).values_list(
                        "check_id", "metrics"
                    )
                )
                rolled = roll_metrics(numbers)
                if rolled:
                    cursor.executemany(_METRIC, [(r.check_id, r.metric, slot, *r[2:]) for r in rolled])
            if slot >= start:
                raw = RawResult.objects.filter(cell__gte=cells[0], cell__lt=cells[1]).count()
                counts = {"raw": raw, "checks": checks, "numbers": len(numbers), "metrics": len(rolled)}
                ControlRoom.objects.filter(pk=1, rolled_to__lt=slot + 1).update(
                    rolled_to=slot + 1, last_slot=counts
                )
        if progress:
            progress(done, len(todo))
    ControlRoom.objects.filter(pk=1, rolled_to__lt=last).update(rolled_to=last)
    StaleSlot.objects.filter(slot__lt=first_kept).delete()
    return len(todo)


def _first_slot(otherwise: int) -> int:
    first = RawResult.objects.order_by("cell").values_list("cell", flat=True).first()
    return otherwise if first is None else first // CELLS_A_SLOT


def clear_out(*, now: datetime, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Remove what is older than it is kept (清理过期数据); return how many rows of each sort.

    Outages are never removed, nor is a raw result before its slot was rolled up.
    """
    now_ms = to_millis(now)
    room, _ = ControlRoom.objects.get_or_create(pk=1)
    first_kept = min(first_slot_kept(now_ms, keep_days=room.raw_days), room.rolled_to)
    removed = {"raw": 0, "metrics": 0, "notes": 0, "receipts": 0, "pings": 0, "rollups": 0, "changes": 0}
    slots: Sequence[int] = range(_first_slot(first_kept), first_kept, 12)
    for done, slot in enumerate(slots, 1):
        with transaction.atomic():
            cells = {
                "cell__gte": slot * CELLS_A_SLOT,
                "cell__lt": min(slot + 12, first_kept) * CELLS_A_SLOT,
            }
            removed["raw"] += RawResult.objects.filter(**cells).delete()[0]
            removed["metrics"] += RawMetric.objects.filter(**cells).delete()[0]
        if progress:
            progress(done, len(slots))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM operations_resultnote WHERE id IN (SELECT id FROM (SELECT id, at_ms,"
            " row_number() OVER (PARTITION BY check_row_id ORDER BY at_ms DESC) AS place"
            " FROM operations_resultnote) ranked WHERE place > %s AND at_ms < %s)",
            [NOTES_LEAST, now_ms - room.note_days * _DAY_MS],
        )
        removed["notes"] = cursor.rowcount
        cursor.execute(
            "DELETE FROM operations_heartbeatping WHERE id IN (SELECT id FROM (SELECT id, at_ms,"
            " row_number() OVER (PARTITION BY check_row_id, signal ORDER BY at_ms DESC) AS place"
            " FROM operations_heartbeatping) ranked WHERE place > 1 AND at_ms < %s)",
            [now_ms - PING_DAYS * _DAY_MS],
        )
        removed["pings"] = cursor.rowcount
    removed["receipts"], _ = BatchReceipt.objects.filter(
        received_at__lt=now - timedelta(days=RECEIPT_DAYS)
    ).delete()
    removed["rollups"] = _drop_rollups((now_ms - room.rollup_days * _DAY_MS) // SLOT_MS)
    removed["changes"] = _drop_changes(now_ms - room.change_days * _DAY_MS)
    return removed


def _drop_rollups(first: int) -> int:
    """Remove roll-ups older than a slot, check by check: each is a run of the index, never a scan."""
    removed = 0
    for check_id in Check.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM operations_rollup5m WHERE check_id = %s AND slot < %s", [check_id, first]
            )
            removed += cursor.rowcount
            cursor.execute(
                "DELETE FROM operations_metricrollup5m WHERE check_id = %s AND slot < %s", [check_id, first]
            )
            removed += cursor.rowcount
    return removed


def _drop_changes(before_ms: int) -> int:
    """Remove old lines of history, but for each subject's last ones: its present state rests on them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM operations_statechange WHERE id IN (SELECT id FROM (SELECT id, at_ms,"
            " row_number() OVER (PARTITION BY check_row_id, system_id ORDER BY at_ms DESC) AS place"
            " FROM operations_statechange) ranked WHERE place > %s AND at_ms < %s)",
            [CHANGES_LEAST, before_ms],
        )
        return int(cursor.rowcount)
