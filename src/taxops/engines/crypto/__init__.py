"""SM2, SM3 and SM4 (国密算法) behind one small port.

Everything that signs, hashes or encrypts by Chinese national standards comes through here, so that a
signature machine (签名验签服务器) or another library can take the place of this one without callers
noticing. Standards: GB/T 32918 (SM2), GB/T 32905 (SM3), GB/T 32907 (SM4).
"""

from .digest import hmac_sm3, sm3
from .signature import KeyPair, generate_keypair, sign, verify_signature
from .symmetric import open_sealed, seal

__all__ = [
    "KeyPair",
    "generate_keypair",
    "hmac_sm3",
    "open_sealed",
    "seal",
    "sign",
    "sm3",
    "verify_signature",
]
