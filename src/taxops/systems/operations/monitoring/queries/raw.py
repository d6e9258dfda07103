"""Raw results (原始结果), read by cell: the partition of time in which they are stored together."""

from __future__ import annotations

import json

from django.db import connection

from taxops.systems.operations.monitoring.rules import cells_between


def raw_between(check_id: int, from_ms: int, to_ms: int) -> list[tuple[int, int, int, int]]:
    """Return one check's results `(at, code, suspect, duration)` in `[from_ms, to_ms)`, in time order."""
    cells = list(cells_between(from_ms, to_ms))
    columns = "SELECT at_ms, code, suspect, duration_us FROM operations_rawresult WHERE"
    rest = "AND check_id = %s AND at_ms >= %s AND at_ms < %s ORDER BY at_ms"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{columns} cell = ANY(%s) {rest}", [cells, check_id, from_ms, to_ms])
        else:
            cursor.execute(
                f"{columns} cell IN (SELECT value FROM json_each(%s)) {rest}",  # noqa: S608 - our own columns
                [json.dumps(cells), check_id, from_ms, to_ms],
            )
        return list(cursor.fetchall())
