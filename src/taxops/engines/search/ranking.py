"""Ranking (排序): candidates of the index verified against their text and ordered by how well they answer."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from .parsing import Query, Term
from .words import fold

_TITLE = 4.0
_SATURATION = 1.2
_LENGTH = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that the index proposes (候选): its key and its words. `boost` lifts what readers found useful."""

    key: Hashable
    title: str
    body: str = ""
    boost: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate that answers (检索结果), with its score and the terms it holds."""

    key: Hashable
    score: float
    found: tuple[str, ...]


def rank(query: Query, candidates: Iterable[Candidate]) -> list[Ranked]:
    """Return the candidates that really match, best first; equal ones stay in the order given.

    Grams can agree by chance (红字 in one place, 字发 in another): the text itself decides. Scores follow BM25
    with the title counted four times; how telling a word is comes from the candidates themselves, so that
    every store gives the same order.
    """
    kept: list[tuple[Candidate, dict[str, tuple[int, int]], int]] = []
    holding: dict[str, int] = {}
    for candidate in candidates:
        title, body = fold(candidate.title), fold(candidate.body)
        if any(_count(t, title) or _count(t, body) for t in query.without):
            continue
        counts = {t.text: (_count(t, title), _count(t, body)) for t in query.must}
        found = [text for text, (a, b) in counts.items() if a or b]
        if not found or (len(found) < len(counts) and not query.any_of):
            continue
        for text in found:
            holding[text] = holding.get(text, 0) + 1
        kept.append((candidate, counts, len(title) + len(body)))
    if not kept:
        return []
    mean = sum(length for _, _, length in kept) / len(kept) or 1.0
    phrase = query.text if len(query.must) > 1 else ""
    ranked = []
    for candidate, counts, length in kept:
        score = candidate.boost
        for term in query.must:
            in_title, in_body = counts[term.text]
            often = _TITLE * in_title + in_body
            telling = math.log(1 + (len(kept) + 1) / (holding.get(term.text, 0) + 0.5))
            grown = often + _SATURATION * (1 - _LENGTH + _LENGTH * length / mean)
            score += term.weight * telling * often * (_SATURATION + 1) / grown
        if phrase and not query.any_of:
            score += 3.0 * (phrase in fold(candidate.title)) + 1.0 * (phrase in fold(candidate.body))
        held = tuple(t.text for t in query.must if any(counts[t.text]))
        ranked.append(Ranked(candidate.key, round(score, 6), held))
    return sorted(ranked, key=lambda r: -r.score)


def _count(term: Term, text: str) -> int:
    """Return how often a text holds the term; a word of letters and digits counts from where a word begins."""
    if not term.text or term.text not in text:
        return 0
    if not term.text[0].isascii() or not term.text[0].isalnum():
        return text.count(term.text)
    n = at = 0
    while (at := text.find(term.text, at)) >= 0:
        after = at + len(term.text)
        begins = at == 0 or not (text[at - 1].isascii() and text[at - 1].isalnum())
        ends = term.prefix or after == len(text) or not (text[after].isascii() and text[after].isalnum())
        n += begins and ends
        at = after
    return n
