"""Small secrets at rest (密钥保护): sealed with, and fingerprinted by, keys derived from the installation's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from taxops.engines.base import Unavailable


@cache
def _derived(secret_key: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"taxops identity {purpose}".encode())
    return derive.derive(secret_key.encode())


def seal(plain: bytes, *, bound_to: str) -> str:
    """Return `plain` encrypted (AES-256-GCM) so that it opens only for the same `bound_to`."""
    nonce = os.urandom(12)
    sealed = AESGCM(_derived(settings.SECRET_KEY, "seal")).encrypt(nonce, plain, bound_to.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(text: str, *, bound_to: str) -> bytes:
    """Return what was sealed.

    Raises:
        Unavailable: the installation's key has changed, or the text belongs to somebody else.
    """
    raw = base64.b64decode(text)
    try:
        return AESGCM(_derived(settings.SECRET_KEY, "seal")).decrypt(raw[:12], raw[12:], bound_to.encode())
    except InvalidTag as error:
        raise Unavailable(
            "动态口令密钥无法解密，平台主密钥可能已更换。", "请联系安全管理员重置您的动态口令。"
        ) from error


def fingerprint(text: str) -> str:
    """Return the keyed hash of a short secret such as a recovery code (恢复码散列)."""
    return hmac.new(_derived(settings.SECRET_KEY, "fingerprint"), text.encode(), hashlib.sha256).hexdigest()
