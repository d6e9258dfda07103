"""Who signs when (签字次序): whoever prepared it, another who reviewed it, the bureau that received it."""

from __future__ import annotations

from collections.abc import Collection

from taxops.systems.operations.deliverables.words import Signer, Standing

ORDER = (Signer.PREPARED, Signer.REVIEWED, Signer.RECEIVED)


def next_signer(signed: Collection[str]) -> Signer | None:
    """Return the role whose signature comes next; None when all have signed."""
    return next((role for role in ORDER if role.value not in signed), None)


def standing_after(signed: Collection[str]) -> Standing:
    """Return where a version stands with these signatures.

    >>> standing_after(["prepared"]).label
    '待审核'
    """
    following = next_signer(signed)
    return {
        Signer.PREPARED: Standing.DRAFT,
        Signer.REVIEWED: Standing.PREPARED,
        Signer.RECEIVED: Standing.REVIEWED,
        None: Standing.RECEIVED,
    }[following]
