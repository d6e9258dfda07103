"""Identifiers (标识): sortable by time, made from arguments so that engines stay deterministic."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(millis: int, entropy: bytes) -> str:
    """Return a 26-character ULID-style id of a time in milliseconds and ten random bytes.

    >>> new_id(0, bytes(10))
    '00000000000000000000000000'

    Raises:
        ValueError: entropy is not ten bytes or the time does not fit 48 bits.
    """
    if len(entropy) != 10 or not 0 <= millis < 1 << 48:
        raise ValueError("new_id wants 48 bits of milliseconds and 10 bytes of entropy")
    number = (millis << 80) | int.from_bytes(entropy, "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
