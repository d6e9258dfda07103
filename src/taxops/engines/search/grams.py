"""Grams (索引单元): what an index stores of a text. Every Chinese character, every neighbouring pair, every word
of letters and digits; no positions. A text that holds a phrase therefore holds all grams of the phrase, however
either was cut into words, and one- and two-character queries find what they should."""

from __future__ import annotations

from .words import fold, is_han, runs

GRAM_LIMIT = 20_000
"""At most this many different grams of one text are indexed: a PostgreSQL tsvector holds one megabyte."""
_LATIN_MAX = 64


def grams(text: str) -> list[str]:
    """Return the different grams of a text in order of appearance, as both databases can store them.

    >>> grams("红字发票 V2.3")
    ['红', '字', '发', '票', '红字', '字发', '发票', 'v2', '3']
    """
    found: dict[str, None] = {}
    for run in runs(fold(text)):
        for gram in grams_of_run(run):
            found[gram] = None
        if len(found) > GRAM_LIMIT:
            break
    return list(found)[:GRAM_LIMIT]


def grams_of_run(run: str) -> list[str]:
    """Return the grams of one stretch of Chinese, or of letters and digits."""
    if not is_han(run[0]):
        return [_plain(run[:_LATIN_MAX])]
    pairs = [run[n : n + 2] for n in range(len(run) - 1)]
    return [_plain(gram) for gram in [*run, *pairs]]


def needed(run: str) -> list[str]:
    """Return the grams that a text must have to hold this stretch: pairs, or the one character."""
    if not is_han(run[0]):
        return [_plain(run[:_LATIN_MAX])]
    if len(run) == 1:
        return [_plain(run)]
    return [_plain(run[n : n + 2]) for n in range(len(run) - 1)]


def _plain(gram: str) -> str:
    """Return the gram with rare characters spelt out: FTS5's `unicode61` knows Unicode 6.1 and drops later ones."""
    if all(c < "\u9fcd" or "\uac00" <= c <= "\ud7a3" or "\uf900" <= c <= "\ufa2d" for c in gram):
        return gram
    return "".join(c if c < "\u9fcd" else f"u{ord(c):x}" for c in gram)
