"""Signatures come in their order."""

from __future__ import annotations

import pytest

from taxops.systems.operations.deliverables.rules import next_signer, standing_after
from taxops.systems.operations.deliverables.words import Signer, Standing


@pytest.mark.parametrize(
    ("signed", "following", "standing"),
    [
        ([], Signer.PREPARED, Standing.DRAFT),
        (["prepared"], Signer.REVIEWED, Standing.PREPARED),
        (["reviewed", "prepared"], Signer.RECEIVED, Standing.REVIEWED),
        (["prepared", "reviewed", "received"], None, Standing.RECEIVED),
    ],
)
def test_who_is_next(signed: list[str], following: Signer | None, standing: Standing) -> None:
    assert next_signer(signed) is following
    assert standing_after(signed) is standing
