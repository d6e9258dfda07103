"""Kind `tcp`: a port, a line sent, an answer expected."""

from __future__ import annotations

import socket

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks.kinds.tcp_check import unescape
from tests.engines.checks.rude import look, serving, silent


def smtp(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.demo.test\r\n")
    if connection.recv(100) == b"NOOP\r\n":
        connection.sendall("250 好\r\n".encode())
    connection.close()


def test_a_port_that_listens_is_well() -> None:
    with serving(silent) as server:
        result = look("tcp", server.address)
    assert (result.verdict, list(result.phases)) == ("ok", ["connect"])


def test_what_is_expected_is_waited_for() -> None:
    with serving(smtp) as server:
        assert look("tcp", server.address, send=r"NOOP\r\n", expect="250 好").verdict == "ok"
        assert look("tcp", server.address, expect=r"^220 .*test", is_pattern=True).verdict == "ok"
        missing = look("tcp", server.address, send=r"NOOP\r\n", expect="354")
    assert "其中没有「354」" in missing.message


def test_a_silent_port_is_given_up_in_time() -> None:
    with serving(silent) as server:
        assert "停在：等待响应" in look("tcp", server.address, expect="x", timeout_s=0.2).message


def test_a_flood_without_the_answer_is_given_up() -> None:
    def flood(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"n" * 65536)

    with serving(flood) as server:
        assert "已收到 64 KiB" in look("tcp", server.address, expect="y").message


@pytest.mark.parametrize(
    "target", ["", "host", "h:0", "h:70000", "h:x", "h:²", "a b:1", "http://h:1", "::1:80x"]
)
def test_targets_that_are_none_are_refused(target: str) -> None:
    with pytest.raises(BadInput) as error:
        look("tcp", target)
    assert error.value.field == "target"


def test_patterns_that_are_none_are_refused() -> None:
    with pytest.raises(BadInput) as error:
        look("tcp", "h:1", expect="(", is_pattern=True)
    assert error.value.field == "expect"


def test_escapes_become_bytes() -> None:
    assert unescape(r"A\r\n\x00\\中") == b"A\r\n\x00\\" + "中".encode()
    with pytest.raises(BadInput):
        unescape(r"\q")
