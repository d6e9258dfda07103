"""Every kind over a network against garbage, silence, floods and other protocols: a sentence, in time."""

from __future__ import annotations

import re
import socket
import time

import pytest

from tests.engines.checks.rude import Talk, answering, look, page, reset, serving, silent

HTTP_KINDS: list[tuple[str, dict[str, object]]] = [
    ("es", {}),
    ("docker", {}),
    ("registry", {"services": "a"}),
    ("registry", {"product": "eureka"}),
    ("weblogic", {}),
    ("prometheus", {"query": "up"}),
]
CHINESE = re.compile("[\u4e00-\u9fff]")


def flood(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        connection.sendall(b"1," * 65536)


def trickle(connection: socket.socket) -> None:
    connection.recv(65536)
    for byte in page(b"[]" * 500):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


BAD: list[Talk] = [
    silent,
    reset,
    trickle,
    flood,
    answering(b""),
    answering(b"\x00\xff\x00\xff" * 100),
    answering(b"SSH-2.0-OpenSSH_9.2\r\n"),
    answering(b"-ERR unknown command\r\n"),
    answering(page(b"<html>login</html>")),
    answering(page(b"")),
    answering(page(b"null")),
    answering(page(b"[]")),
    answering(page(b"{}")),
    answering(page(b'[1, "a", null]')),
    answering(page(b'"text"')),
    answering(page(b"1e999")),
    answering(page(b"[" * 100_000)),
    answering(
        page(b'{"status": 5, "data": {"result": 7}, "hosts": 1, "applications": [], "serverRuntimes": []}')
    ),
    answering(page(b'{"hosts": [{}], "applications": {"application": [{"instance": [{}]}]}, "data": []}')),
    answering(page(b"{}", "500 Internal Server Error")),
    answering(page(b"{}", "404 Not Found")),
    answering(page(b"{}", "401 Unauthorized", "WWW-Authenticate: Basic")),
    answering(page(b"\xff\xfe{}")),
]


@pytest.mark.parametrize("talk", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize(("kind", "params"), HTTP_KINDS, ids=lambda value: str(value)[:30])
def test_a_bad_peer_becomes_a_chinese_sentence_in_time(
    kind: str, params: dict[str, object], talk: Talk
) -> None:
    began = time.monotonic()
    with serving(talk) as server:
        result = look(kind, server.url.rstrip("/"), timeout_s=0.6, **params)
    assert result.verdict in {"critical", "unknown"}, result.message
    assert CHINESE.search(result.message)
    assert "内部错误" not in result.message
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("kind", "params"), HTTP_KINDS, ids=lambda value: str(value)[:30])
def test_a_closed_port_is_told_as_such(kind: str, params: dict[str, object]) -> None:
    assert "连接被拒绝" in look(kind, "http://127.0.0.1:1", **params).message
