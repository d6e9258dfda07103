"""As much BER as an SNMP v2c GET needs (SNMP 编码): encoding requests, decoding responses of any quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP, COUNTER32, GAUGE32, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_OBJECT, NO_INSTANCE, END_OF_VIEW = 0x80, 0x81, 0x82
GET, RESPONSE = 0xA0, 0xA2
COUNTERS = {COUNTER32: 1 << 32, COUNTER64: 1 << 64}
_MISSING = frozenset({NULL, NO_OBJECT, NO_INSTANCE, END_OF_VIEW})


class Malformed(Exception):
    """The bytes are no SNMP message (报文无法识别)."""


@dataclass(frozen=True, slots=True)
class Value:
    """One variable of a response (变量): its tag and what it holds; None: there is no such object."""

    tag: int
    value: int | str | bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    """A response (应答报文)."""

    version: int
    request: int
    error: int
    index: int
    values: dict[str, Value]


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


def _tlv(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + _length(len(body)) + body


def _integer(value: int) -> bytes:
    return _tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def encode_oid(text: str) -> bytes:
    """Return the bytes of an object identifier.

    >>> encode_oid("1.3.6.1.2.1.1.3.0").hex()
    '06082b06010201010300'

    Raises:
        ValueError: it is none.
    """
    arcs = [int(word) for word in text.strip(".").split(".")]
    if len(arcs) < 2 or len(arcs) > 128 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(text)
    if any(not 0 <= arc < 1 << 32 for arc in arcs):
        raise ValueError(text)
    body = bytearray()
    for arc in [arcs[0] * 40 + arcs[1], *arcs[2:]]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        body += bytes(reversed(groups))
    return _tlv(OID, bytes(body))


def encode_get(community: str, request: int, oids: list[str]) -> bytes:
    """Return a v2c GET of some objects."""
    bindings = b"".join(_tlv(SEQUENCE, encode_oid(oid) + _tlv(NULL, b"")) for oid in oids)
    pdu = _tlv(GET, _integer(request) + _integer(0) + _integer(0) + _tlv(SEQUENCE, bindings))
    return _tlv(SEQUENCE, _integer(1) + _tlv(OCTETS, community.encode()) + pdu)


def _take(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return tag and content of the element at a place, and where the next begins."""
    if at + 2 > len(data):
        raise Malformed
    tag, size, at = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        if not 0 < count <= 4 or at + count > len(data):
            raise Malformed
        size, at = int.from_bytes(data[at : at + count], "big"), at + count
    if at + size > len(data):
        raise Malformed
    return tag, data[at : at + size], at + size


def _expect(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    found, body, after = _take(data, at)
    if found != tag:
        raise Malformed
    return body, after


def _number(body: bytes, *, signed: bool) -> int:
    if not 0 < len(body) <= 9:
        raise Malformed
    return int.from_bytes(body, "big", signed=signed)


def decode_oid(body: bytes) -> str:
    """Return an object identifier as text.

    Raises:
        Malformed: it is cut off.
    """
    if not body or body[-1] & 0x80:
        raise Malformed
    arcs, arc = [], 0
    for byte in body:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - first * 40, *arcs[1:]])


def _value(tag: int, body: bytes) -> Value:
    if tag in _MISSING:
        return Value(tag, None)
    found: Any = body
    if tag == INTEGER:
        found = _number(body, signed=True)
    elif tag in {COUNTER32, GAUGE32, TICKS, COUNTER64}:
        found = _number(body, signed=False)
    elif tag == OID:
        found = decode_oid(body)
    elif tag == IP:
        found = ".".join(str(byte) for byte in body)
    return Value(tag, found)


def decode(data: bytes) -> Message:
    """Return the response in a datagram.

    Raises:
        Malformed: it is something else.
    """
    message, _ = _expect(data, 0, SEQUENCE)
    version, at = _expect(message, 0, INTEGER)
    _, at = _expect(message, at, OCTETS)
    pdu, _ = _expect(message, at, RESPONSE)
    numbers, at = [], 0
    for _ in range(3):
        body, at = _expect(pdu, at, INTEGER)
        numbers.append(_number(body, signed=True))
    bindings, _ = _expect(pdu, at, SEQUENCE)
    values, at = {}, 0
    while at < len(bindings):
        pair, at = _expect(bindings, at, SEQUENCE)
        name, after = _expect(pair, 0, OID)
        tag, body, _ = _take(pair, after)
        values[decode_oid(name)] = _value(tag, body)
    return Message(_number(version, signed=True), numbers[0], numbers[1], numbers[2], values)
