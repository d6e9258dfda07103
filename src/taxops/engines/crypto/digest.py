"""SM3 digests (杂凑) and keyed digests (带密钥的杂凑)."""

from __future__ import annotations

from gmssl_pyx import sm3_hash, sm3_hmac


def sm3(data: bytes) -> str:
    """Return the SM3 digest (SM3 杂凑值) as 64 lower-case hexadecimal digits.

    >>> sm3(b"abc")
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
    """
    return bytes(sm3_hash(data)).hex()


def hmac_sm3(key: bytes, data: bytes) -> str:
    """Return HMAC-SM3 (带密钥的 SM3 杂凑值) as hexadecimal digits.

    Raises:
        ValueError: the key is empty.
    """
    if not key:
        raise ValueError("HMAC-SM3 wants a key")
    return bytes(sm3_hmac(key, data)).hex()
