"""Secret parameters (加密参数): sealed at rest with SM4-GCM, bound to their check."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from taxops.engines.crypto import hmac_sm3, open_sealed, seal


def _key() -> bytes:
    """Return the key for this purpose alone, derived from the installation's secret."""
    return bytes.fromhex(hmac_sm3(settings.SECRET_KEY.encode(), b"monitoring.sealed-parameters"))[:16]


def close(values: Mapping[str, Any], *, bound_to: str) -> str:
    """Return secret parameters as sealed text; nothing for nothing.

    Args:
        bound_to: the check's code; the text opens for no other check.
    """
    if not values:
        return ""
    plain = json.dumps(dict(values), ensure_ascii=False).encode()
    return base64.b64encode(seal(_key(), secrets.token_bytes(12), plain, bound_to=bound_to.encode())).decode()


def reveal(sealed: str, *, bound_to: str) -> dict[str, Any]:
    """Return the secret parameters of a check, for a prober and for nobody else.

    Raises:
        BadInput: the installation's secret changed, or the text was moved or altered.
    """
    if not sealed:
        return {}
    plain = open_sealed(_key(), base64.b64decode(sealed), bound_to=bound_to.encode())
    values: dict[str, Any] = json.loads(plain)
    return values
