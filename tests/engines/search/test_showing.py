"""Highlights and snippets: pieces that join to the text, marked where the query stands."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.search import highlight, parse, snippet


def _marked(text: str, typed: str) -> list[str]:
    return [p.text for p in highlight(text, parse(typed)) if p.hit]


def test_marks_stand_on_the_original_text() -> None:
    assert _marked("请开具ＵＫｅｙ红字发票。", "ukey 红字发票") == ["ＵＫｅｙ红字发票"]
    assert _marked("㈱红字", "红字") == ["红字"]
    assert _marked("reinvent inv", "inv") == ["inv"]


def test_a_snippet_shows_where_most_of_it_stands() -> None:
    text = "发票" + "无关。" * 60 + "这里说红字发票作废的条件。" + "其他。" * 60
    pieces = snippet(text, parse("红字 作废"), width=40)
    shown = "".join(p.text for p in pieces)
    assert "红字发票作废" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 42


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="红字发票ＡaB㈱ ，x<&>", max_size=40), st.text(alphabet="红字发票ab", max_size=6))
def test_nothing_is_lost_or_doubled(text: str, typed: str) -> None:
    assert "".join(p.text for p in highlight(text, parse(typed))) == text
