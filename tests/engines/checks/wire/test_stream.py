"""Connections: what is sent at once, what is sent piece by piece, and nothing twice."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from taxops.engines.checks import Failed
from taxops.engines.checks.wire import Attempt, Exchange, Loop, Request, Resolver, exchange, parse_url
from taxops.project.embedded import free_port
from tests.engines.checks.rude import serving


def ask(request: Request) -> tuple[Exchange | None, BaseException | None, Attempt]:
    loop = Loop(time.monotonic)
    attempt = Attempt(loop, Resolver(time.monotonic), memory={}, tracing=False, wall_ms=0)
    ended: list[Any] = []
    loop.spawn(exchange(attempt, request), time.monotonic() + 10, lambda _, *found: ended.append(found))
    while not ended:
        loop.turn()
    loop.close()
    done, failure = ended[0]
    return done, failure, attempt


def echo_size(connection: socket.socket) -> None:
    """Read a request whole and answer how long its body was."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    wanted = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    got = len(body)
    while got < wanted:
        got += len(connection.recv(65536))
    connection.settimeout(0.2)
    with contextlib.suppress(TimeoutError):  # nothing more should come
        got += len(connection.recv(65536))
    answer = str(got).encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))


def test_a_body_larger_than_any_buffer_arrives_once_and_whole() -> None:
    with serving(echo_size) as server:
        for size in (10, 20_000_000):
            request = Request("POST", parse_url(server.url), body=b"x" * size).ready()
            assert request.is_near
            done, failure, attempt = ask(request)
            assert failure is None
            assert done is not None
            assert done.answer.body == str(size).encode()
            assert list(attempt.phases) == ["connect", "send", "wait", "read"]


def test_a_closed_port_is_a_refused_connection_near_and_by_name() -> None:
    port = free_port()
    for host in ("127.0.0.1", "localhost"):
        _, failure, attempt = ask(Request("GET", parse_url(f"http://{host}:{port}/")).ready())
        assert isinstance(failure, Failed)
        assert failure.message == "连接失败：连接被拒绝，端口上没有服务在监听。"
        assert attempt.doing == "connect"
