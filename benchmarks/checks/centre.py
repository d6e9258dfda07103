"""A small centre: takes batches once, steps states, stores every result in SQLite; the centre's work without its web.

`python -m checks.centre PORT FOLDER` with assignments in FOLDER/assignments.json.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from taxops.engines.checks import Tracker, Verdict

VERDICTS = (Verdict.OK, Verdict.WARNING, Verdict.CRITICAL, Verdict.UNKNOWN)


class Centre:
    """Receipts, states and results in one database."""

    def __init__(self, folder: Path) -> None:
        self.assignments = (folder / "assignments.json").read_bytes()
        self.db = sqlite3.connect(folder / "centre.db", isolation_level=None)
        self.db.executescript(
            """PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
            CREATE TABLE receipt (boot TEXT, seq INTEGER, PRIMARY KEY (boot, seq)) WITHOUT ROWID;
            CREATE TABLE result (check_id INTEGER, at_ms INTEGER, code INTEGER, duration_us INTEGER, late INTEGER,
                PRIMARY KEY (check_id, at_ms)) WITHOUT ROWID;
            CREATE TABLE change (check_id INTEGER, at_ms INTEGER, kind TEXT);
            CREATE TABLE vitals (at_ms INTEGER, body TEXT);"""
        )
        self.states: dict[int, Tracker] = {}

    def take(self, body: bytes) -> dict[str, object]:
        """Take a batch in, once."""
        batch = json.loads(body)
        rows = batch["results"]
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        fresh = db.execute(
            "INSERT OR IGNORE INTO receipt VALUES (?, ?)", (batch["boot"], batch["seq"])
        ).rowcount
        if fresh:
            changes: list[tuple[int, int, str]] = []
            for check_id, _, at_ms, code, _, late_ms, _, _, _ in rows:
                tracker = self.states.get(check_id)
                if tracker is None:
                    tracker = self.states[check_id] = Tracker()
                told = tracker.feed(at_ms, VERDICTS[code], late_ms)
                changes.extend((check_id, at_ms, change.kind.value) for change in told)
            db.executemany(
                "INSERT OR IGNORE INTO result VALUES (?, ?, ?, ?, ?)",
                [(r[0], r[2], r[3], r[4], r[5]) for r in rows],
            )
            db.executemany("INSERT INTO change VALUES (?, ?, ?)", changes)
            if "self" in batch:
                db.execute(
                    "INSERT INTO vitals VALUES (?, ?)", (batch["sent_at_ms"], json.dumps(batch["self"]))
                )
        db.execute("COMMIT")
        return {"accepted": len(rows) if fresh else 0, "duplicate": not fresh}


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    centre = Centre(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            known = "etag=v1" in self.path
            self.answer(304 if known else 200, b"" if known else centre.assignments)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(200, json.dumps(centre.take(body)).encode())

        def log_message(self, *_: object) -> None:
            return

    class Server(HTTPServer):
        """Handles each connection in a thread: assignments and results come over two."""

        def process_request(self, request, client_address):  # type: ignore[no-untyped-def]
            import threading

            threading.Thread(
                target=self.process_request_thread, args=(request, client_address), daemon=True
            ).start()

        def process_request_thread(self, request, client_address):  # type: ignore[no-untyped-def]
            self.finish_request(request, client_address)
            self.shutdown_request(request)

    centre.db.close()
    centre.db = sqlite3.connect(folder / "centre.db", isolation_level=None, check_same_thread=False)
    centre.db.execute("PRAGMA synchronous=NORMAL")
    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
