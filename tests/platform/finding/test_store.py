"""The two dialects: grams are quoted and joined alike."""

from __future__ import annotations

from taxops.engines.search import parse, similar
from taxops.platform.finding.store import _fts5, _tsquery


def test_both_dialects_say_the_same() -> None:
    query = parse("红字发票 inv")
    assert _fts5(query) == '("红字" AND "字发" AND "发票") AND ("inv" *)'
    assert _tsquery(query) == "('红字' & '字发' & '发票') & ('inv':*)"
    assert _tsquery(similar("红字 发票")) == "('红字') | ('发票')"
