"""Addresses of target databases (目标数据库连接): sealed at rest with SM4-GCM, bound to their code."""

from __future__ import annotations

import base64
import secrets

from django.conf import settings

from taxops.engines.crypto import hmac_sm3, open_sealed, seal


def _key() -> bytes:
    """Return the key for this purpose alone, derived from the installation's secret."""
    return bytes.fromhex(hmac_sm3(settings.SECRET_KEY.encode(), b"cases.data-targets"))[:16]


def close(address: str, *, code: str) -> str:
    """Return an address as sealed text that opens for no other code."""
    sealed = seal(_key(), secrets.token_bytes(12), address.encode(), bound_to=code.encode())
    return base64.b64encode(sealed).decode()


def reveal(sealed: str, *, code: str) -> str:
    """Return the address of a target.

    Raises:
        BadInput: the installation's secret changed, or the text was moved or altered.
    """
    return open_sealed(_key(), base64.b64decode(sealed), bound_to=code.encode()).decode()
