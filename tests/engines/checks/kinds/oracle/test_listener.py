"""The listener by TCP: the bytes sent, the bytes understood, and other services on the port."""

from __future__ import annotations

import struct

import pytest

from taxops.engines.checks.kinds.oracle.listener import connect_packet
from tests.engines.checks.rude import Talk, answering, look, reset, serving, silent

REFUSED = b"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=0)(ALIAS=LISTENER))"


def packet(sort: int, body: bytes) -> bytes:
    return struct.pack(">HHBBH", len(body) + 8, 0, sort, 0, 0) + body


def test_the_packet_says_its_own_length_and_where_its_data_is() -> None:
    sent = connect_packet()
    assert struct.unpack(">H", sent[:2])[0] == len(sent)
    assert sent[4] == 1
    length, offset = struct.unpack(">HH", sent[24:28])
    assert sent[offset : offset + length] == b"(CONNECT_DATA=(COMMAND=ping))"


def test_a_listener_that_refuses_politely_is_alive() -> None:
    with serving(answering(packet(4, b"\x00\x00" + struct.pack(">H", len(REFUSED)) + REFUSED))) as server:
        result = look("oracle", f"oracle://{server.address}/", 'listener == "refuse"', part="listener")
    assert result.verdict == "ok", result.message
    assert "监听正常" in result.message


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (silent, "停在：等待监听应答"),
        (reset, "重置"),
        (answering(b""), "没有应答就关闭"),
        (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "不是 Oracle 监听"),
        (answering(b"\x00"), "不是 Oracle 监听"),
    ],
)
def test_other_services_are_named(talk: Talk, words: str) -> None:
    with serving(talk) as server:
        result = look("oracle", f"oracle://{server.address}/", part="listener", timeout_s=0.6)
    assert result.verdict == "critical"
    assert words in result.message


def test_a_closed_port_is_told_as_such() -> None:
    assert "连接被拒绝" in look("oracle", "oracle://127.0.0.1:1/", part="listener").message
