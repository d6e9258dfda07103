"""An append-only, hash-chained ledger (链式台账) that anyone can verify.

Each row carries the SM3 of the row before it, so a change anywhere shows from there on; a head kept
apart shows a cut tail; seals (封签: heads signed and kept elsewhere) show a chain rewritten whole.
"""

from .canonical import canonical
from .chain import GENESIS, Head, Link, digest
from .verification import Break, Broken, Verifier, verify

__all__ = ["GENESIS", "Break", "Broken", "Head", "Link", "Verifier", "canonical", "digest", "verify"]
