"""Folding and cutting: the words of tax stay whole; full width, case and punctuation do not matter."""

from __future__ import annotations

import pytest

from taxops.engines.search import cut, fold
from taxops.engines.search.words import is_han, own_words, runs


@pytest.mark.parametrize("word", ["红字发票", "留抵", "数电票", "税控盘", "勾选认证", "消费积压"])
def test_words_of_the_trade_stay_whole(word: str) -> None:
    assert word in cut(f"关于{word}的说明"), cut(f"关于{word}的说明")


def test_every_shipped_word_is_cut_as_one_when_it_stands_alone() -> None:
    broken = [w for w in own_words() if w.isalpha() and all(is_han(c) for c in w) and cut(w) != [w]]
    assert not broken


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ＡＢＣ１２３", "abc123"), ("㈱", "(株)"), ("Ｖ２．３", "v2.3"), ("a\x00b", "a b"), ("İ", "i̇")],
)
def test_folding_makes_one_form(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_runs_part_chinese_from_letters_and_drop_punctuation() -> None:
    assert runs(fold("数电票V2.3，报错 E-1024！")) == ["数电票", "v2", "3", "报错", "e", "1024"]
    assert runs("") == runs("！？、") == []
