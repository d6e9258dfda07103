"""SM2: what is signed verifies, anything else does not; OpenSSL agrees."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.crypto import KeyPair, generate_keypair, sign, verify_signature

KEYS = generate_keypair()
# SubjectPublicKeyInfo of an uncompressed SM2 point: the fixed head of the DER
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200))
def test_a_signature_verifies(message: bytes) -> None:
    assert verify_signature(KEYS.public, message, sign(KEYS, message))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=1, max_size=50), st.integers(0, 49), st.integers(1, 255))
def test_a_changed_message_does_not_verify(message: bytes, where: int, change: int) -> None:
    signature = sign(KEYS, message)
    where %= len(message)
    other = message[:where] + bytes([message[where] ^ change]) + message[where + 1 :]
    assert not verify_signature(KEYS.public, other, signature)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=70))
def test_garbage_is_simply_no_signature(public: bytes, signature: bytes) -> None:
    assert not verify_signature(public, b"m", signature)
    assert not verify_signature(KEYS.public, b"m", signature)


def test_another_key_does_not_verify() -> None:
    assert not verify_signature(generate_keypair().public, b"m", sign(KEYS, b"m"))


def test_the_private_key_is_never_shown() -> None:
    assert KEYS.private.hex()[:8] not in repr(KEYS)
    with pytest.raises(ValueError, match="SM2"):
        KeyPair(b"short", b"short")


def test_the_openssl_command_verifies_our_signature(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("没有 openssl 命令，未做交叉核对")
    message = "审计链头".encode()
    pem = base64.encodebytes(SPKI + KEYS.public).decode()
    (tmp_path / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}-----END PUBLIC KEY-----\n")
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(sign(KEYS, message))
    done = subprocess.run(
        [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message",
         "-sigfile", "signature", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Success" in done.stdout, done.stdout + done.stderr
