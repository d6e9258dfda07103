"""What must not be lost (本地暂存): batches until the centre has them, places in log files, last assignments.

A batch is written here before it is sent and deleted when it is acknowledged: two small transactions every
two seconds, about 0.2 ms together. With WAL and synchronous=NORMAL a killed process loses nothing; a power
cut may lose the last moments, never the file.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxops.engines.base import BadInput

MOST_BYTES = 256 * 1024 * 1024
MOST_AGE_MS = 7 * 86_400_000
_KEPT_REFUSED = 100
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    rows INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL, seq INTEGER NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of results on its way (上报批次)."""

    id: int
    boot: str
    seq: int
    rows: int
    body: bytes


class Spool:
    """A SQLite file with what is still to be sent (暂存文件); callable from any thread.

    Args:
        folder: where the file lies; made when it is not there.
        most_bytes: beyond this the oldest batches are given up.
        most_age_ms: older than this likewise.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES, most_age_ms: int = MOST_AGE_MS) -> None:
        self._most_bytes = most_bytes
        self._most_age_ms = most_age_ms
        self._lock = threading.Lock()
        self.dropped = 0
        self.refused = 0
        path = folder / "spool.db"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = self._open(path)
        except OSError as error:
            raise BadInput(
                f"暂存目录 {folder} 无法写入（{error.strerror or '没有权限'}）。",
                "请用 --spool 指定一个当前用户可写的目录。",
            ) from error
        self._bytes, self._count = self._db.execute(
            "SELECT COALESCE(SUM(LENGTH(body)), 0), COUNT(*) FROM batch"
        ).fetchone()

    def _open(self, path: Path) -> sqlite3.Connection:
        """Open the file; one that is damaged is put aside, since the prober must work on."""
        try:
            return self._connect(path)
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                old = path.with_name(path.name + suffix)
                if old.exists():
                    old.replace(path.with_name(f"{path.name}{suffix}.damaged"))
            return self._connect(path)

    def _connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    # --- batches

    def put(self, boot: str, seq: int, at_ms: int, rows: int, body: bytes) -> Batch:
        """Keep a batch until it is acknowledged; give up the oldest when there is no more room."""
        packed = zlib.compress(body, 1)
        with self._lock:
            self._make_room(len(packed), at_ms)
            cursor = self._db.execute(
                "INSERT INTO batch (boot, seq, at_ms, rows, body) VALUES (?, ?, ?, ?, ?)",
                (boot, seq, at_ms, rows, packed),
            )
            self._bytes += len(packed)
            self._count += 1
        return Batch(int(cursor.lastrowid or 0), boot, seq, rows, body)

    def first(self) -> Batch | None:
        """Return the oldest batch, or None when all have been taken."""
        with self._lock:
            row = self._db.execute(
                "SELECT id, boot, seq, rows, body FROM batch ORDER BY id LIMIT 1"
            ).fetchone()
        return Batch(row[0], row[1], row[2], row[3], zlib.decompress(row[4])) if row else None

    def done(self, batch: Batch) -> None:
        """Forget a batch that the centre has."""
        with self._lock:
            self._forget(batch.id)

    def refuse(self, batch: Batch, why: str) -> None:
        """Put a batch aside that the centre will not take, so that it does not hold up the others."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)",
                (batch.id, batch.boot, batch.seq, why[:500], zlib.compress(batch.body, 1)),
            )
            self._db.execute("DELETE FROM refused WHERE id <= ?", (batch.id - _KEPT_REFUSED,))
            self._forget(batch.id)
            self._db.execute("COMMIT")
            self.refused += 1

    def _forget(self, batch_id: int) -> None:
        row = self._db.execute(
            "DELETE FROM batch WHERE id = ? RETURNING LENGTH(body)", (batch_id,)
        ).fetchone()
        if row:
            self._bytes -= row[0]
            self._count -= 1

    def _make_room(self, size: int, now_ms: int) -> None:
        while self._count:
            batch_id, at_ms, rows = self._db.execute(
                "SELECT id, at_ms, rows FROM batch ORDER BY id LIMIT 1"
            ).fetchone()
            if self._bytes + size <= self._most_bytes and at_ms >= now_ms - self._most_age_ms:
                return
            self._forget(batch_id)
            self.dropped += rows
        self._db.execute("PRAGMA incremental_vacuum")

    @property
    def waiting(self) -> int:
        """How many batches are still to be sent (待上报批次数)."""
        return int(self._count)

    @property
    def size(self) -> int:
        """How many bytes they take on disk."""
        return int(self._bytes)

    # --- small states

    def keep(self, name: str, value: Any) -> None:
        """Keep a small value under a name over restarts."""
        text = json.dumps(value, ensure_ascii=False)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, text))

    def recall(self, name: str) -> Any:
        """Return what was kept under a name, or None."""
        with self._lock:
            row = self._db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
