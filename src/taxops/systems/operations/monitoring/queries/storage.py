"""What monitoring stores, and what it will come to (存储与保留)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from taxops.engines.base import to_millis
from taxops.systems.operations.monitoring.models import (
    BatchReceipt,
    ControlRoom,
    StateChange,
    StorageSample,
)
from taxops.systems.operations.monitoring.rules import SLOT_MS
from taxops.systems.operations.monitoring.rules.forecasting import Stored


class Table(NamedTuple):
    """One table of the busy ones (存储表): name, what it holds, usual bytes a row with indexes."""

    name: str
    title: str
    usual: int


TABLES = (
    Table("operations_rawresult", "原始结果", 39),
    Table("operations_rawmetric", "原始指标", 160),
    Table("operations_rollup5m", "五分钟汇总", 56),
    Table("operations_metricrollup5m", "指标五分钟汇总", 64),
    Table("operations_resultnote", "结果记录（说明与过程）", 900),
    Table("operations_statechange", "状态变化", 220),
    Table("operations_outage", "中断", 260),
    Table("operations_batchreceipt", "上报回执", 120),
)
RECEIPT_DAYS = 14
_SLOTS_A_DAY = 86_400_000 // SLOT_MS


def measured() -> dict[str, tuple[int, int]]:
    """Return bytes and rows of each table now, read from the database; costly on a large one, so for jobs."""
    found: dict[str, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(
                    "SELECT pg_total_relation_size(%s::regclass), (SELECT reltuples FROM pg_class"
                    " WHERE oid = %s::regclass)",
                    [table.name, table.name],
                )
                size, estimate = cursor.fetchone()
                found[table.name] = (int(size), _rows(cursor, table.name, estimate))
            return found
        sizes = _sqlite_sizes(cursor)
        for table in TABLES:
            rows = _rows(cursor, table.name, -1)
            found[table.name] = (sizes.get(table.name, rows * table.usual), rows)
    return found


def _rows(cursor: object, table: str, estimate: float) -> int:
    """Return how many rows a table has; the planner's figure when it is large."""
    if estimate >= 1_000_000:
        return int(estimate)
    cursor.execute(f"SELECT count(*) FROM {table}")  # type: ignore[attr-defined]  # noqa: S608 - our own names
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _sqlite_sizes(cursor: object) -> dict[str, int]:
    """Return the bytes of tables with their indexes, where this SQLite can tell (dbstat)."""
    compiled = cursor.execute("PRAGMA compile_options").fetchall()  # type: ignore[attr-defined]
    if ("ENABLE_DBSTAT_VTAB",) not in compiled:
        return {}
    rows = cursor.execute(  # type: ignore[attr-defined]
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
        " WHERE d.aggregate = TRUE GROUP BY m.tbl_name"
    ).fetchall()
    return {name: int(size) for name, size in rows}


def storage(now: datetime, *, fresh: bool = False) -> list[Stored]:
    """Return each table with its rate and its size at the end of the retention (容量预测); few queries.

    Args:
        now: the instant.
        fresh: measure now instead of taking the last sample; for the command line.
    """
    room = ControlRoom.objects.filter(pk=1).first() or ControlRoom()
    found = measured() if fresh else _sampled()
    rates = rates_a_day(now, room)
    kept: dict[str, int | None] = {
        "operations_rawresult": room.raw_days,
        "operations_rawmetric": room.raw_days,
        "operations_rollup5m": room.rollup_days,
        "operations_metricrollup5m": room.rollup_days,
        "operations_resultnote": room.note_days,
        "operations_statechange": room.change_days,
        "operations_outage": None,
        "operations_batchreceipt": RECEIPT_DAYS,
    }
    result = []
    for table in TABLES:
        size, rows = found.get(table.name, (0, 0))
        days = kept[table.name]
        rate = rates.get(table.name)
        if rate is None:  # known only by what is there: so many rows in so many days
            rate = rows / max(1, min(days or 3653, _age_days(now)))
        result.append(Stored(table.name, table.title, rows, size, rate, days, table.usual))
    return result


def rates_a_day(now: datetime, room: ControlRoom) -> dict[str, float]:
    """Return how many rows a day come into the tables that fill evenly, from the last slot rolled up."""
    last: dict[str, int] = room.last_slot if isinstance(room.last_slot, dict) else {}
    week = to_millis(now - timedelta(days=7))
    return {
        "operations_rawresult": last.get("raw", 0) * _SLOTS_A_DAY,
        "operations_rollup5m": last.get("checks", 0) * _SLOTS_A_DAY,
        "operations_metricrollup5m": last.get("metrics", 0) * _SLOTS_A_DAY,
        "operations_rawmetric": last.get("numbers", 0) * _SLOTS_A_DAY,
        "operations_statechange": StateChange.objects.filter(at_ms__gte=week).count() / 7,
        "operations_batchreceipt": BatchReceipt.objects.filter(
            received_at__gte=now - timedelta(hours=1)
        ).count()
        * 24.0,
    }


def _age_days(now: datetime) -> float:
    """Return for how many days history has been kept."""
    first = StateChange.objects.order_by("at_ms").values_list("at_ms", flat=True).first()
    return 1.0 if first is None else max(1.0, (to_millis(now) - first) / 86_400_000)


def _sampled() -> dict[str, tuple[int, int]]:
    """Return bytes and rows of the last sample."""
    at = StorageSample.objects.order_by("-at").values_list("at", flat=True).first()
    rows = StorageSample.objects.filter(at=at) if at else StorageSample.objects.none()
    return {row.table: (row.size, row.rows) for row in rows}


def growth(now: datetime, *, days: int = 30) -> list[tuple[datetime, int]]:
    """Return the bytes of all tables together over the last days, a point a sample, earliest first."""
    rows = (
        StorageSample.objects.filter(at__gte=now - timedelta(days=days))
        .order_by("at")
        .values("at")
        .annotate(size_of_all=Sum("size"))
        .values_list("at", "size_of_all")
    )
    found = list(rows)
    step = max(1, len(found) // 240)
    return found[::step]


def retention() -> ControlRoom:
    """Return the row that says how long what is kept (保留期)."""
    return ControlRoom.objects.filter(pk=1).first() or ControlRoom()


def last_sample_at() -> datetime | None:
    """Return when storage was measured last."""
    found: datetime | None = StorageSample.objects.order_by("-at").values_list("at", flat=True).first()
    return found
