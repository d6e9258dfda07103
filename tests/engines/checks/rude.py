"""Servers on loopback that misbehave on purpose, and a way to look at them once."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from taxops.engines.checks import CheckSpec, Result, Tools, run_once

Talk = Callable[[socket.socket], None]


class Server:
    """Accepts connections and lets `talk` have each, in a thread of its own."""

    def __init__(self, talk: Talk, family: int = socket.AF_INET) -> None:
        self.sock = socket.socket(family)
        self.sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.sock.listen(64)
        self.port = self.sock.getsockname()[1]
        self.talk = talk
        self.connections = 0
        self.requests: list[bytes] = []
        self._held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.sock.accept()
            except OSError:
                return
            self.connections += 1
            self._held.append(connection)
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.talk(connection)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        for connection in self._held:
            connection.close()


@contextlib.contextmanager
def serving(talk: Talk) -> Iterator[Server]:
    server = Server(talk)
    try:
        yield server
    finally:
        server.close()


def answering(*pieces: bytes, pause_s: float = 0.0) -> Talk:
    """Read a request, send the pieces, close."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in pieces:
            connection.sendall(piece)
            if pause_s:
                time.sleep(pause_s)
        connection.close()

    return talk


def page(body: bytes = b"hello", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def speaking_http(reply: Callable[[bytes], bytes]) -> Talk:
    """Answer each request with `reply(request)` and close."""

    def talk(connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65536)
        connection.sendall(reply(head + b"\r\n\r\n" + body))
        connection.close()

    return talk


def reset(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(connection: socket.socket) -> None:
    connection.recv(65536)
    threading.Event().wait(30)


def look(
    kind: str,
    target: str,
    *conditions: str,
    timeout_s: float = 5.0,
    memory: dict[str, Any] | None = None,
    tools: Tools | None = None,
    check_id: int = 1,
    wall_ms: int | None = None,
    warnings: tuple[str, ...] = (),
    tracing: bool = True,
    **params: Any,
) -> Result:
    """Carry out one check as "try now" does."""
    spec = CheckSpec(check_id, kind, target, params, conditions, warnings, timeout_s=timeout_s)
    return run_once(
        spec,
        clock=time.monotonic,
        wall_ms=wall_ms or int(time.time() * 1000),
        memory=memory,
        tools=tools,
        tracing=tracing,
    )


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
