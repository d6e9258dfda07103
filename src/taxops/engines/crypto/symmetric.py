"""SM4 in GCM mode: sealing (加密并认证) small secrets at rest."""

from __future__ import annotations

from gmssl_pyx import GmsslInnerError, sm4_gcm_decrypt, sm4_gcm_encrypt

from taxops.engines.base import BadInput

_NONCE = 12
_TAG = 16


def seal(key: bytes, nonce: bytes, plain: bytes, *, bound_to: bytes = b"") -> bytes:
    """Return `nonce + ciphertext + tag` of SM4-GCM; the result cannot be read or moved unnoticed.

    Args:
        key: 16 bytes.
        nonce: 12 bytes that this key never saw before.
        plain: what to seal; not empty.
        bound_to: context that must be given again to open it (for example the row's id).

    Raises:
        ValueError: key or nonce have another length, or there is nothing to seal.
    """
    if len(key) != 16 or len(nonce) != _NONCE or not plain:
        raise ValueError("SM4-GCM wants a key of 16 bytes, a nonce of 12 and something to seal")
    cipher, tag = sm4_gcm_encrypt(key, nonce, bound_to, plain)
    return nonce + bytes(cipher) + bytes(tag)


def open_sealed(key: bytes, sealed: bytes, *, bound_to: bytes = b"") -> bytes:
    """Return what was sealed.

    Raises:
        BadInput: another key, another context, or a changed byte.
    """
    if len(sealed) > _NONCE + _TAG and len(key) == 16:
        try:
            cipher = sealed[_NONCE:-_TAG]
            return bytes(sm4_gcm_decrypt(key, sealed[:_NONCE], bound_to, cipher, sealed[-_TAG:]))
        except GmsslInnerError:
            pass  # told below: a failed authentication says nothing more than that
    raise BadInput("密文无法解开：密钥不符，或内容已被改动。", "请确认所用密钥与加密时一致。")
