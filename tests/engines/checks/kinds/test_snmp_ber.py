"""The BER of SNMP: known bytes, a whole round, and every sort of broken datagram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks.kinds.snmp_ber import Malformed, decode, decode_oid, encode_get, encode_oid

RESPONSE = (
    b"\x30\x2c\x02\x01\x01\x04\x06public\xa2\x1f\x02\x01\x07\x02\x01\x00\x02\x01\x00\x30\x14"
    b"\x30\x12\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x46\x06\x01\x00\x00\x00\x00\x01"
)


def test_a_known_response_is_read() -> None:
    message = decode(RESPONSE)
    assert (message.version, message.request, message.error) == (1, 7, 0)
    assert message.values["1.3.6.1.2.1.1.3.0"].value == (1 << 40) + 1


@given(st.lists(st.integers(0, (1 << 32) - 1), max_size=20), st.integers(0, 39))
def test_an_identifier_survives_the_round(arcs: list[int], second: int) -> None:
    text = ".".join(map(str, [1, second, *arcs]))
    assert decode_oid(encode_oid(text)[2:]) == text


@pytest.mark.parametrize("text", ["", "1", "1.40", "3.1", "a.b", "1.3.-1", "1.3.99999999999", "1..3"])
def test_identifiers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 int() raises it too, with words of its own
        encode_oid(text)


@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode(data)


@given(st.integers(0, len(RESPONSE) - 1), st.integers(0, 255))
def test_a_changed_byte_is_malformed_or_read(at: int, byte: int) -> None:
    changed = RESPONSE[:at] + bytes([byte]) + RESPONSE[at + 1 :]
    try:
        decode(changed)
    except Malformed:
        return


def test_a_long_request_has_long_lengths() -> None:
    raw = encode_get("public", 1, ["1.3.6.1.2.1.2.2.1.10.1"] * 30)
    assert raw[:2] == b"\x30\x82"
