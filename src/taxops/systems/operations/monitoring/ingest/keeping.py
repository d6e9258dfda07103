"""Roll-ups and retention (汇总与保留): what is kept, how finely, how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction

from taxops.engines.base import to_millis
from taxops.systems.operations.monitoring.models import (
    BatchReceipt,
    ControlRoom,
    HeartbeatPing,
    RawResult,
    ResultNote,
    StaleSlot,
)
from taxops.systems.operations.monitoring.rules import CELLS_A_SLOT, SLOT_MS, first_slot_kept

from .replaying import KEEP_DAYS

SETTLE_MS = 60_000
"""A slot is rolled up when it has been over for so long; later results mark it stale."""
NOTES_DAYS = 30
NOTES_LEAST = 20
RECEIPT_DAYS = 14
PING_DAYS = 90

_ROLL = """
    INSERT INTO operations_rollup5m (check_id, slot, n, n_ok, n_warning, n_critical, n_unknown, n_suspect,
                                     duration_sum_us, duration_max_us)
    SELECT check_id, %s, count(*),
           sum(CASE WHEN code = 0 THEN 1 ELSE 0 END), sum(CASE WHEN code = 1 THEN 1 ELSE 0 END),
           sum(CASE WHEN code = 2 THEN 1 ELSE 0 END), sum(CASE WHEN code = 3 THEN 1 ELSE 0 END),
           sum(suspect), sum(duration_us), max(duration_us)
      FROM operations_rawresult WHERE cell >= %s AND cell < %s GROUP BY check_id
    ON CONFLICT (check_id, slot) DO UPDATE SET
        n = excluded.n, n_ok = excluded.n_ok, n_warning = excluded.n_warning, n_critical = excluded.n_critical,
        n_unknown = excluded.n_unknown, n_suspect = excluded.n_suspect,
        duration_sum_us = excluded.duration_sum_us, duration_max_us = excluded.duration_max_us
"""


def roll_up(*, now: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Make the roll-ups of every slot that is over, and of those that late results touched; return how many.

    Doing it twice gives the same rows; a slot per transaction, so that probers never wait long.
    """
    first_kept = first_slot_kept(to_millis(now), keep_days=KEEP_DAYS)
    last = (to_millis(now) - SETTLE_MS) // SLOT_MS
    room, _ = ControlRoom.objects.get_or_create(pk=1)
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
            with connection.cursor() as cursor:
                cursor.execute(_ROLL, [slot, slot * CELLS_A_SLOT, (slot + 1) * CELLS_A_SLOT])
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

    Outages, state changes and roll-ups are never removed.
    """
    now_ms = to_millis(now)
    first_kept = first_slot_kept(now_ms, keep_days=KEEP_DAYS)
    removed = {"raw": 0, "notes": 0, "receipts": 0, "pings": 0}
    slots: Sequence[int] = range(_first_slot(first_kept), first_kept, 12)
    for done, slot in enumerate(slots, 1):
        with transaction.atomic():
            until = min(slot + 12, first_kept) * CELLS_A_SLOT
            count, _ = RawResult.objects.filter(cell__gte=slot * CELLS_A_SLOT, cell__lt=until).delete()
        removed["raw"] += count
        if progress:
            progress(done, len(slots))
    day = 86_400_000
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM operations_resultnote WHERE id IN (SELECT id FROM (SELECT id, at_ms,"
            " row_number() OVER (PARTITION BY check_row_id ORDER BY at_ms DESC) AS place"
            " FROM operations_resultnote) ranked WHERE place > %s AND at_ms < %s)",
            [NOTES_LEAST, now_ms - NOTES_DAYS * day],
        )
        removed["notes"] = cursor.rowcount
        cursor.execute(
            "DELETE FROM operations_heartbeatping WHERE id IN (SELECT id FROM (SELECT id, at_ms,"
            " row_number() OVER (PARTITION BY check_row_id, signal ORDER BY at_ms DESC) AS place"
            " FROM operations_heartbeatping) ranked WHERE place > 1 AND at_ms < %s)",
            [now_ms - PING_DAYS * day],
        )
        removed["pings"] = cursor.rowcount
    old = datetime.fromtimestamp(now.timestamp() - RECEIPT_DAYS * 86_400, tz=now.tzinfo)
    removed["receipts"], _ = BatchReceipt.objects.filter(received_at__lt=old).delete()
    return removed


def forecast(*, now: datetime) -> dict[str, float]:
    """Return what monitoring stores a day at the present rate (容量预测), in rows and megabytes."""
    slot = to_millis(now) // SLOT_MS - 2
    found = RawResult.objects.filter(cell__gte=slot * CELLS_A_SLOT, cell__lt=(slot + 1) * CELLS_A_SLOT)
    rows = found.count() * 288
    checks = found.values("check_id").distinct().count() * 288
    return {
        "raw_rows_a_day": rows,
        "raw_mb_kept": rows * 39 * KEEP_DAYS / 1e6,
        "rollups_a_day": checks,
        "rollup_mb_a_year": checks * 365 * 40 / 1e6,
        "notes": ResultNote.objects.count(),
        "pings": HeartbeatPing.objects.count(),
    }
