"""SM4-GCM: what is sealed opens with the same key and context only."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.crypto import open_sealed, seal

KEY = bytes(range(16))
NONCE = bytes(12)


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=30))
def test_what_is_sealed_opens_again(plain: bytes, context: bytes) -> None:
    assert open_sealed(KEY, seal(KEY, NONCE, plain, bound_to=context), bound_to=context) == plain


def test_another_library_opens_it() -> None:
    sealed = seal(KEY, NONCE, b"secret", bound_to=b"row 1")
    reader = Cipher(algorithms.SM4(KEY), modes.GCM(NONCE, sealed[-16:])).decryptor()
    reader.authenticate_additional_data(b"row 1")
    assert reader.update(sealed[12:-16]) + reader.finalize() == b"secret"


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_noticed(where: int, change: int) -> None:
    sealed = bytearray(seal(KEY, NONCE, b"secret"))
    sealed[where % len(sealed)] ^= change
    with pytest.raises(BadInput, match="密文"):
        open_sealed(KEY, bytes(sealed))


def test_another_key_context_or_nothing_at_all_is_refused() -> None:
    sealed = seal(KEY, NONCE, b"secret", bound_to=b"row 1")
    for key, text, context in ((bytes(16), sealed, b"row 1"), (KEY, sealed, b"row 2"), (KEY, b"", b"")):
        with pytest.raises(BadInput):
            open_sealed(key, text, bound_to=context)


def test_wrong_lengths_are_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="SM4-GCM"):
        seal(b"short", NONCE, b"x")
