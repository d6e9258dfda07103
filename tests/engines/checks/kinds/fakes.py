"""A small HTTP peer whose answers are looked up by path, over TCP or a Unix socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.engines.checks.rude import Server, page, serving, speaking_http

Answers = dict[str, bytes | Callable[[bytes], bytes]]


def replying(answers: Answers, seen: list[bytes] | None = None) -> Callable[[bytes], bytes]:
    """Return a reply function: the longest path that the request's begins with wins."""

    def reply(request: bytes) -> bytes:
        if seen is not None:
            seen.append(request)
        path = request.split(b" ")[1].decode()
        for known in sorted(answers, key=len, reverse=True):
            if path.startswith(known):
                answer = answers[known]
                body = answer(request) if callable(answer) else answer
                return (
                    body
                    if body.startswith(b"HTTP/")
                    else page(body, "200 OK", "Content-Type: application/json")
                )
        return page(b'{"message":"no such path"}', "404 Not Found")

    return reply


@contextlib.contextmanager
def http_peer(answers: Answers, seen: list[bytes] | None = None) -> Iterator[Server]:
    with serving(speaking_http(replying(answers, seen))) as server:
        yield server


@contextlib.contextmanager
def unix_peer(path: Path, answers: Answers, seen: list[bytes] | None = None) -> Iterator[str]:
    """Serve the same on a Unix socket; yield its path."""
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen(16)
    talk = speaking_http(replying(answers, seen))

    def accept() -> None:
        while True:
            try:
                connection, _ = sock.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                talk(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield str(path)
    finally:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
