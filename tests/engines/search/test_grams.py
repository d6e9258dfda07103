"""Grams: whatever stands in a text can be found by its own grams, however either was cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.search import GRAM_LIMIT, fold, grams
from taxops.engines.search.grams import needed
from taxops.engines.search.words import runs

_TEXT = st.text(alphabet="红字发票留抵税控盘开具的ab12 ，.Ａ\U00020000\u9fd5", max_size=30)


@settings(max_examples=80, deadline=None)
@given(_TEXT, st.data())
def test_a_text_holds_the_grams_of_each_of_its_stretches(text: str, data: st.DataObject) -> None:
    a = data.draw(st.integers(0, len(text)))
    b = data.draw(st.integers(a, len(text)))
    have = set(grams(text))
    for run in runs(fold(text[a:b])):
        if not run[0].isascii():  # words of letters are found whole or by how they begin
            assert set(needed(run)) <= have


def test_grams_are_what_both_databases_can_store() -> None:
    assert grams("发票，V2.3 发票") == ["发", "票", "发票", "v2", "3"]
    assert grams("\U00020000") == ["u20000"]  # FTS5's unicode61 would drop it, and answer nothing
    assert all(g.isalnum() for g in grams("㐀a-b_c'd\"e\\f\U00020000中"))


def test_a_huge_text_is_bounded() -> None:
    many = "".join(chr(0x4E00 + (n * 7919) % 20000) for n in range(40_000))
    assert len(grams(many)) == GRAM_LIMIT
