"""Words (分词): text folded to one form, then cut by jieba with the words of tax and operations added."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from taxops.engines.base import later

if TYPE_CHECKING:
    import rjieba
else:
    rjieba = later("rjieba")


@cache
def _cutter() -> rjieba.Jieba:
    """Return the cutter; without our words it splits 红字发票 into 红/字/发票."""
    cutter = rjieba.Jieba()
    for word in own_words():
        cutter.add_word(word, None, None)
    return cutter


@cache
def own_words() -> tuple[str, ...]:
    """Return the shipped words of tax and operations (税务词典)."""
    text = files(__package__).joinpath("data/words.txt").read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return tuple(dict.fromkeys(word for line in lines for word in line.split()))


@cache
def _stop_words() -> frozenset[str]:
    text = files(__package__).joinpath("data/stop_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def is_stop_word(word: str) -> bool:
    """Test whether a word says nothing by itself (停用词), such as 的 or 怎么."""
    return word in _stop_words()


def fold(text: str) -> str:
    """Return text in the one form that is compared (归一): full width made half, letters lower, no zero bytes.

    >>> fold("ＡＢＣ１２３　发票")
    'abc123 发票'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).replace("\x00", " ")


_HAN = (("\u3400", "\u9fff"), ("\U00020000", "\U0003ffff"), ("\uf900", "\ufaff"), ("\u3005", "\u3007"))


def is_han(char: str) -> bool:
    """Test whether a character is a Chinese one (汉字)."""
    return any(low <= char <= high for low, high in _HAN)


def runs(folded: str) -> list[str]:
    """Return the stretches of Chinese and the stretches of letters and digits; everything else parts them."""
    found: list[str] = []
    kind, start = "", 0
    for place, char in enumerate(folded):
        now = "han" if is_han(char) else "latin" if char.isalnum() else ""
        if now != kind:
            if kind:
                found.append(folded[start:place])
            kind, start = now, place
    if kind:
        found.append(folded[start:])
    return found


def cut(text: str) -> list[str]:
    """Return the words of a text in order, punctuation left out.

    >>> cut("开具红字发票（数电票）")
    ['开具', '红字发票', '数电票']
    """
    found: list[str] = []
    for run in runs(fold(text)):
        found.extend(_cutter().cut(run) if is_han(run[0]) else [run])
    return found


def parts(word: str) -> list[str]:
    """Return the shorter words inside a long one (子词), without itself and without single characters.

    >>> parts("红字信息表")
    ['红字', '信息']
    """
    if len(word) < 3 or not is_han(word[0]):
        return []
    found = _cutter().cut_for_search(word) + [p for p in _cutter().cut(word, False) if p != word]
    if len(found) < 2:
        found = [word[n : n + 2] for n in range(len(word) - 1)]
    return [p for p in dict.fromkeys(found) if 1 < len(p) < len(word)]
