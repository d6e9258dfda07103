"""The listener by TCP (监听): a TNS connect packet that asks for a ping, as `tnsping` does; no login."""

from __future__ import annotations

import struct
from typing import Any

from taxops.engines.checks.kinds.declaration import SideAttempt
from taxops.engines.checks.wire import Failed, excerpt, of_os_error

_PING = b"(CONNECT_DATA=(COMMAND=ping))"
_HEADER = 58
_MOST = 8192
_TYPES = {2: "ACCEPT", 4: "REFUSE", 5: "REDIRECT", 11: "RESEND"}


def connect_packet(data: bytes = _PING) -> bytes:
    """Return a TNS CONNECT packet (version 310, compatible with 300) that carries `data`."""
    fields = struct.pack(
        ">HHHHHHHHHHIBB",
        310, 300, 0, 2048, 32767, 0x7F08, 0, 1, len(data), _HEADER, 0, 0, 0,
    )  # fmt: skip
    body = fields.ljust(_HEADER - 8, b"\0") + data
    return struct.pack(">HHBBH", len(body) + 8, 0, 1, 0, 0) + body


def read_packet(packet: bytes) -> dict[str, Any]:
    """Return what a listener answered.

    Raises:
        Failed: it is no TNS packet.
    """
    if len(packet) < 8 or packet[4] not in _TYPES or struct.unpack(">H", packet[:2])[0] < 8:
        raise Failed(f"端口上的服务不是 Oracle 监听，应答开头是「{excerpt(packet, 40)}」。")
    text = packet[8:].decode("ascii", "replace")
    return {
        "listener": _TYPES[packet[4]].lower(),
        "listener_alive": True,
        "answer": excerpt(text.encode(), 200),
    }


async def ping(attempt: SideAttempt, host: str, port: int) -> dict[str, Any]:
    """Connect to the listener, ask for a ping and return its answer.

    Raises:
        Failed: no connection, or no listener.
    """
    import asyncio  # runs in the asyncio thread only; see threads.py

    attempt.doing = "连接监听端口"
    began = attempt.clock()
    try:
        reader, writer = await asyncio.open_connection(host, port, limit=_MOST)
    except OSError as error:
        raise of_os_error(error, "连接监听端口") from error
    attempt.mark("connect", began)
    attempt.doing = "等待监听应答"
    try:
        writer.write(connect_packet())
        packet = await reader.read(_MOST)
    except OSError as error:
        raise of_os_error(error, "等待监听应答") from error
    finally:
        writer.close()
    if not packet:
        raise Failed("监听端口没有应答就关闭了连接。")
    facts = read_packet(packet)
    facts["connect_ms"] = attempt.phases.get("connect", 0.0)
    return facts
