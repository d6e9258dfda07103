"""Secrets of channels (渠道密钥) at rest: encrypted with a key derived from the installation's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from taxops.engines.base import Unavailable


def _box() -> Fernet:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"taxops notify channel secrets")
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))


def seal(secrets: Mapping[str, str]) -> str:
    """Return secrets as text to keep."""
    return _box().encrypt(json.dumps(dict(secrets), ensure_ascii=False).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Return the secrets that were sealed.

    Raises:
        Unavailable: the installation's key is not the one they were sealed with.
    """
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise Unavailable(
            "渠道的密钥无法解密：系统密钥（secret.key）已更换。", "请在通知渠道页面重新填写该渠道的密钥。"
        ) from error
    return opened
