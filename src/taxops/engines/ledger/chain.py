"""The nouns of a chain (链): a link, its digest, the head."""

from __future__ import annotations

from dataclasses import dataclass

from taxops.engines.crypto import sm3

GENESIS = "0" * 64
"""What stands for "the row before" in the first row (创世值)."""


def digest(seq: int, previous: str, content: str) -> str:
    """Return the chain hash (链式摘要) of a row: SM3 of its number, the previous hash and its content."""
    return sm3(f"{seq}\n{previous}\n{content}".encode())


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the ledger as it was read (台账行).

    Args:
        seq: its number; the first is 1, none is left out.
        previous: the hash of the row before, as this row remembers it.
        content: canonical text of everything the row says.
        hash: the row's own hash, as stored.
    """

    seq: int
    previous: str
    content: str
    hash: str

    @property
    def holds(self) -> bool:
        """Test whether the stored hash is that of number, content and remembered predecessor."""
        return digest(self.seq, self.previous, self.content) == self.hash


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends (链头): the number and hash of the last row; zero and `GENESIS` when empty."""

    seq: int = 0
    hash: str = GENESIS
