"""What of a text is shown (摘要与高亮): the stretch where most of the query stands, its words marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .parsing import Query
from .words import fold

_MOST = 2000
"""Marks in one text; a reader sees no difference, and a text of one repeated word stays cheap."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a shown text (片段); `hit` pieces are marked. Never HTML: the page escapes."""

    text: str
    hit: bool = False


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text and, for each of its characters, where it came from in the original."""
    whole = fold(text)
    if len(whole) == len(text):
        return whole, range(len(text))
    out: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        for piece in fold(char):
            out.append(piece)
            origin.append(place)
    return "".join(out), origin


def _hits(text: str, query: Query) -> list[tuple[int, int]]:
    """Return the merged stretches of the original that hold a term."""
    low, origin = _folded(text)
    found: list[tuple[int, int]] = []
    for term in query.must:
        at = low.find(term.text) if term.text else -1
        while at >= 0 and len(found) < _MOST:
            end = at + len(term.text)
            if not (term.prefix and at and low[at - 1].isascii() and low[at - 1].isalnum()):
                found.append((origin[at], origin[end - 1] + 1))
            at = low.find(term.text, end)
    merged: list[tuple[int, int]] = []
    for a, b in sorted(found):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def highlight(text: str, query: Query) -> list[Piece]:
    """Return the whole text in pieces, those that the query names marked.

    >>> [p.text for p in highlight("开具红字发票", parse("红字发票")) if p.hit]
    ['红字发票']
    """
    return _pieces(text, _hits(text, query), 0, len(text))


def snippet(text: str, query: Query, width: int = 90) -> list[Piece]:
    """Return the stretch of about `width` characters in which most different words of the query stand."""
    text = " ".join(text.split())
    hits = _hits(text, query)
    start = 0
    if hits and len(text) > width:
        best = -1
        for a, _ in hits:
            covered = len({fold(text[x:y]) for x, y in hits if a <= x and y <= a + width})
            if covered > best:
                best, start = covered, a
        start = max(0, min(start - width // 5, len(text) - width))
    end = min(len(text), start + width)
    pieces = _pieces(text, hits, start, end)
    if start:
        pieces.insert(0, Piece("…"))
    if end < len(text):
        pieces.append(Piece("…"))
    return pieces


def _pieces(text: str, hits: Sequence[tuple[int, int]], start: int, end: int) -> list[Piece]:
    found: list[Piece] = []
    at = start
    for a, b in hits:
        a, b = max(a, start), min(b, end)
        if a >= b:
            continue
        if a > at:
            found.append(Piece(text[at:a]))
        found.append(Piece(text[a:b], hit=True))
        at = b
    if at < end:
        found.append(Piece(text[at:end]))
    return found
