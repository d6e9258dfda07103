"""A centre for tests: takes each batch once, remembers every result, and can be away, angry or garbled."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tx_only_for_tests"


class Centre:
    """Listens on loopback; `away()` closes the port, `back()` opens the same one again."""

    def __init__(self) -> None:
        self.checks: list[dict[str, Any]] = []
        self.version = "1"
        self.rows: list[list[Any]] = []
        self.batches: list[tuple[str, int]] = []
        self.figures: list[dict[str, float]] = []
        self.duplicates = 0
        self.answer: tuple[int, bytes] | None = None
        self.drop_answers = 0
        self.tokens: set[str] = set()
        self.asked = 0
        self.port = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def back(self) -> None:
        centre = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                centre.tokens.add(self.headers.get("Authorization", ""))
                centre.asked += 1
                if centre.answer is not None:
                    return self.reply(*centre.answer)
                if parse_qs(urlsplit(self.path).query).get("etag") == [centre.version]:
                    return self.reply(304, b"")
                body = {"version": centre.version, "checks": centre.checks}
                return self.reply(200, json.dumps(body).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if centre.answer is not None:
                    return self.reply(*centre.answer)
                told = centre.take(json.loads(body))
                if centre.drop_answers > 0:  # it was stored, but the prober never hears of it
                    centre.drop_answers -= 1
                    self.close_connection = True
                    self.connection.close()
                    return None
                return self.reply(200, json.dumps(told).encode())

            def log_message(self, *_: object) -> None:
                return

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: object) -> None:
                return

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def away(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        self.answer = (503, b"")  # connections kept alive find it closed for business
        time.sleep(0.05)

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def take(self, batch: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            key = (batch["boot"], batch["seq"])
            if key in self.batches:
                self.duplicates += 1
                return {"accepted": 0, "duplicate": True}
            self.batches.append(key)
            self.rows.extend(batch["results"])
            if "self" in batch:
                self.figures.append(batch["self"])
            return {"accepted": len(batch["results"]), "duplicate": False}

    def assign(self, *checks: dict[str, Any]) -> None:
        self.checks = list(checks)
        self.version = str(int(self.version) + 1)

    def wait(self, enough: Callable[[], bool], seconds: float = 30.0) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if enough():
                return
            time.sleep(0.02)
        raise AssertionError(f"not in {seconds} s; {len(self.rows)} rows, last {self.rows[-3:]}")
