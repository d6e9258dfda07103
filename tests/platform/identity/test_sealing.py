"""Secrets at rest open only with the installation's key and for whom they were sealed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import Unavailable
from taxops.platform.identity.sealing import fingerprint, seal, unseal


@given(st.binary(max_size=64), st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, bound_to: str) -> None:
    assert unseal(seal(plain, bound_to=bound_to), bound_to=bound_to) == plain


def test_the_same_secret_never_looks_the_same() -> None:
    assert seal(b"x" * 20, bound_to="a") != seal(b"x" * 20, bound_to="a")


def test_another_person_or_another_key_does_not_open_it(settings: Any) -> None:
    sealed = seal(b"x" * 20, bound_to="totp:1")
    with pytest.raises(Unavailable):
        unseal(sealed, bound_to="totp:2")
    settings.SECRET_KEY = "another installation"
    with pytest.raises(Unavailable, match="主密钥"):
        unseal(sealed, bound_to="totp:1")


def test_fingerprints_depend_on_the_key(settings: Any) -> None:
    first = fingerprint("1:ABCDE")
    assert first == fingerprint("1:ABCDE") != fingerprint("2:ABCDE")
    settings.SECRET_KEY = "another installation"
    assert fingerprint("1:ABCDE") != first
