"""SM2 signatures (数字签名) with SM3, in ASN.1 DER, by the standard's default signer id."""

from __future__ import annotations

from dataclasses import dataclass

from gmssl_pyx import GmsslInnerError, sm2_key_generate, sm2_sign, sm2_verify


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """An SM2 key pair (密钥对): 64 bytes of public point, 32 bytes of private scalar. Never shown whole."""

    public: bytes
    private: bytes

    def __post_init__(self) -> None:
        if len(self.public) != 64 or len(self.private) != 32:
            raise ValueError("an SM2 key pair is 64 public and 32 private bytes")

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public.hex()[:16]}…)"


def generate_keypair() -> KeyPair:
    """Return a fresh SM2 key pair from the library's random source."""
    public, private = sm2_key_generate()
    return KeyPair(bytes(public), bytes(private))


def sign(keys: KeyPair, message: bytes) -> bytes:
    """Return the SM2 signature (签名) of a message; two signatures of one message differ."""
    return bytes(sm2_sign(keys.private, keys.public, message))


def verify_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Test whether the signature is of this message by this public key; garbage is simply not."""
    if len(public) != 64:
        return False
    try:
        return bool(sm2_verify(public, message, signature))
    except GmsslInnerError:
        return False  # not a point on the curve, or not DER
