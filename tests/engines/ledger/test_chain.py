"""A link's own digest: number, predecessor and content all count."""

from __future__ import annotations

from dataclasses import replace

from taxops.engines.crypto import sm3
from taxops.engines.ledger import GENESIS, Head, Link, digest


def test_the_digest_can_be_computed_by_anyone() -> None:
    assert digest(7, "ab", '{"甲":1}') == sm3('7\nab\n{"甲":1}'.encode())


def test_number_predecessor_and_content_all_count() -> None:
    link = Link(1, GENESIS, "{}", digest(1, GENESIS, "{}"))
    assert link.holds
    for changed in (replace(link, seq=2), replace(link, previous="f" * 64), replace(link, content="[]")):
        assert not changed.holds


def test_an_empty_chain_ends_at_genesis() -> None:
    assert Head() == Head(0, GENESIS)
