"""Contracts that every declared page inherits; see `samples/` for what a room has to add."""
