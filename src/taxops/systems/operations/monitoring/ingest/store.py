"""The busy tables by raw SQL: the same statements in two dialects, one round trip each.

PostgreSQL takes arrays through `unnest`, SQLite takes `executemany`; both do nothing when a row is
there already, so that a batch told twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from taxops.systems.operations.monitoring.rules import CELL_MS, Columns

_STATE_COLUMNS = """
    s.check_row_id, s.phase, s.verdict, s.streak, s.since_ms, s.first_bad_ms, s.detected_ms, s.first_good_ms,
    s.unknown_since_ms, s.last_at_ms, s.suspects, s.duration_us, s.silent_since_ms, s.message,
    s.flap_window, s.flapping_since_ms,
    c.version, c.version_from_ms, c.confirm, c.recover, c.system_id, c.severity,
    c.flap, c.flap_results, c.flap_high, c.flap_low
"""


_GLANCE = (
    "SELECT check_row_id, last_at_ms, verdict, phase, suspects, silent_since_ms, message, version, keeps, flap_window"
    " FROM operations_checkstate WHERE active AND check_row_id"
)


class Standing:
    """Where one check stands while a batch is judged (检查状态); written back when touched."""

    __slots__ = (
        "changed",
        "check_id",
        "confirm",
        "detected_ms",
        "duration_us",
        "first_bad_ms",
        "first_good_ms",
        "flap",
        "flap_high",
        "flap_low",
        "flap_results",
        "flap_window",
        "flapping_since_ms",
        "last_at_ms",
        "message",
        "phase",
        "recover",
        "seen",
        "severity",
        "silent_since_ms",
        "since_ms",
        "streak",
        "suspects",
        "system_id",
        "unknown_since_ms",
        "verdict",
        "version",
        "version_from_ms",
    )  # fmt: skip

    def __init__(self, row: Sequence[Any]) -> None:
        (
            self.check_id, self.phase, self.verdict, self.streak, self.since_ms, self.first_bad_ms,
            self.detected_ms, self.first_good_ms, self.unknown_since_ms, self.last_at_ms, self.suspects,
            self.duration_us, self.silent_since_ms, self.message, self.flap_window, self.flapping_since_ms,
            self.version, self.version_from_ms, self.confirm, self.recover, self.system_id, self.severity,
            self.flap, self.flap_results, self.flap_high, self.flap_low,
        ) = row  # fmt: skip
        self.changed = False

    def columns(self) -> Columns:
        """Return the columns of the engine's state."""
        return Columns(
            self.phase, self.verdict, self.streak, self.since_ms, self.first_bad_ms, self.detected_ms,
            self.first_good_ms, self.unknown_since_ms, self.last_at_ms, self.suspects,
        )  # fmt: skip

    def take(self, columns: Columns) -> None:
        """Stand where the columns say."""
        (
            self.phase, self.verdict, self.streak, self.since_ms, self.first_bad_ms, self.detected_ms,
            self.first_good_ms, self.unknown_since_ms, self.last_at_ms, self.suspects,
        ) = columns  # fmt: skip
        self.changed = True


def postgres() -> bool:
    """Test whether the store is PostgreSQL."""
    return bool(connection.vendor == "postgresql")


def give_receipt(prober_id: int, boot: str, seq: int, now: datetime, results: int) -> bool:
    """Note that a batch is being taken; False when it was taken before.

    On PostgreSQL a second sender of the same batch waits here until the first has committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO operations_batchreceipt (prober_id, boot, seq, received_at, results, accepted)"
            " VALUES (%s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING",
            [prober_id, boot, seq, connection.ops.adapt_datetimefield_value(now), results],
        )
        return bool(cursor.rowcount == 1)


def glances(check_ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return what tells at a glance whether a result is news (概况); the rows are locked.

    In the order of their ids, so that two probers that report at once cannot deadlock.
    """
    with connection.cursor() as cursor:
        if postgres():
            cursor.execute(
                f"{_GLANCE} = ANY(%s) ORDER BY check_row_id FOR NO KEY UPDATE",
                [list(check_ids)],
            )
        else:
            cursor.execute(
                f"{_GLANCE} IN (SELECT value FROM json_each(%s))",  # noqa: S608 - our own columns
                [json.dumps(list(check_ids))],
            )
        return {row[0]: row for row in cursor.fetchall()}


def standings(check_ids: Sequence[int]) -> dict[int, Standing]:
    """Return where these checks stand, locked in the order of their ids so that probers cannot deadlock."""
    with connection.cursor() as cursor:
        if postgres():
            cursor.execute(
                f"SELECT {_STATE_COLUMNS} FROM operations_checkstate s"  # noqa: S608 - our own columns
                " JOIN operations_check c ON c.id = s.check_row_id"
                " WHERE s.check_row_id = ANY(%s) AND c.archived_at IS NULL AND c.enabled"
                " ORDER BY s.check_row_id FOR NO KEY UPDATE OF s",
                [list(check_ids)],
            )
        else:
            cursor.execute(
                f"SELECT {_STATE_COLUMNS} FROM operations_checkstate s"  # noqa: S608 - our own columns
                " JOIN operations_check c ON c.id = s.check_row_id"
                " WHERE s.check_row_id IN (SELECT value FROM json_each(%s))"
                " AND c.archived_at IS NULL AND c.enabled",
                [json.dumps(list(check_ids))],
            )
        return {row[0]: Standing(row) for row in cursor.fetchall()}


def insert_raw(rows: list[tuple[int, int, int, int, int, int]]) -> None:
    """Store raw results `(cell, check, at, code, duration, suspect)`; those there already stay as they are."""
    if not rows:
        return
    rows.sort()  # neighbours in the index are written together
    columns = "cell, check_id, at_ms, code, duration_us, suspect"
    with connection.cursor() as cursor:
        if postgres():
            cursor.execute(
                f"INSERT INTO operations_rawresult ({columns}) SELECT * FROM unnest(%s::int[], %s::bigint[],"  # noqa: S608
                " %s::bigint[], %s::smallint[], %s::int[], %s::smallint[]) ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            cursor.executemany(
                f"INSERT INTO operations_rawresult ({columns}) VALUES (%s, %s, %s, %s, %s, %s)"  # noqa: S608
                " ON CONFLICT DO NOTHING",
                rows,
            )


def insert_metrics(rows: Sequence[tuple[int, int, int, str]]) -> None:
    """Store numbers beside results `(cell, check, at, metrics as JSON)`; those there already stay."""
    if rows:
        place = "%s::jsonb" if postgres() else "%s"
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO operations_rawmetric (cell, check_id, at_ms, metrics)"  # noqa: S608 - our own columns
                f" VALUES (%s, %s, %s, {place}) ON CONFLICT DO NOTHING",
                sorted(rows),
            )


def save_quiet(rows: Sequence[tuple[int, int, int]]) -> None:
    """Write back checks of which nothing changed but when they were last seen: `(at, duration, check)`."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if postgres():
            cursor.execute(
                "UPDATE operations_checkstate s SET last_at_ms = v.at, duration_us = v.took"
                " FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS v(at, took, id)"
                " WHERE s.check_row_id = v.id",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            cursor.executemany(
                "UPDATE operations_checkstate SET last_at_ms = %s, duration_us = %s WHERE check_row_id = %s",
                rows,
            )


def save_changed(standings: Sequence[Standing]) -> None:
    """Write back checks whose state or message changed; seldom many, so row by row on both."""
    rows = [
        (
            *s.columns(),
            s.duration_us,
            s.silent_since_ms,
            s.message,
            s.flap_window,
            s.flapping_since_ms,
            s.check_id,
        )
        for s in standings
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE operations_checkstate SET phase = %s, verdict = %s, streak = %s, since_ms = %s,"
                " first_bad_ms = %s, detected_ms = %s, first_good_ms = %s, unknown_since_ms = %s,"
                " last_at_ms = %s, suspects = %s, duration_us = %s, silent_since_ms = %s, message = %s,"
                " flap_window = %s, flapping_since_ms = %s"
                " WHERE check_row_id = %s",
                rows,
            )


def known_instants(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return which of these `(check, at)` pairs are stored already."""
    wanted = set(pairs)
    checks = sorted({check for check, _ in wanted})
    cells = sorted({at_ms // CELL_MS for _, at_ms in wanted})
    columns = "SELECT check_id, at_ms FROM operations_rawresult WHERE"
    with connection.cursor() as cursor:
        if postgres():
            cursor.execute(f"{columns} cell = ANY(%s) AND check_id = ANY(%s)", [cells, checks])
        else:
            cursor.execute(
                f"{columns} cell IN (SELECT value FROM json_each(%s))"  # noqa: S608 - our own columns
                " AND check_id IN (SELECT value FROM json_each(%s))",
                [json.dumps(cells), json.dumps(checks)],
            )
        return wanted.intersection((check_id, at_ms) for check_id, at_ms in cursor.fetchall())


def mark_stale(slots: Sequence[int]) -> None:
    """Ask for these slots' roll-ups to be made again (待重汇总)."""
    if slots:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO operations_staleslot (slot) VALUES (%s) ON CONFLICT DO NOTHING",
                [(slot,) for slot in sorted(set(slots))],
            )


_NOTE = (
    "INSERT INTO operations_resultnote"
    " (check_row_id, at_ms, code, duration_us, suspect, prober_id, message, metrics, trace)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, {json}, {json}) ON CONFLICT DO NOTHING"
)


def insert_notes(rows: Sequence[tuple[Any, ...]]) -> None:
    """Store what results said: `(check, at, code, duration, suspect, prober, message, metrics, trace)`."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_NOTE.format(json="%s::jsonb" if postgres() else "%s"), rows)
