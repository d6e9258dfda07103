"""An append-only, hash-chained ledger (链式台账) that anyone can verify."""
