"""Queries (检索式): what a person types, as terms with the grams that each of them needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .grams import needed
from .words import cut, fold, is_han, is_stop_word, parts, runs

TERM_LIMIT = 24
_PIECE = re.compile(r'(?P<no>(?:(?<=\s)|^)[-－])?(?:"(?P<phrase>[^"]{1,200})"|(?P<plain>[^\s"]+))')
_QUOTES = str.maketrans({"“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"'})


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is looked for (检索词).

    Args:
        text: folded; a document matches when it holds this text.
        grams: the index entries that such a document has.
        prefix: the last word of letters and digits may go on (`inv` finds `invoice`).
        weight: how much it counts when ranking; a stop word counts little.
    """

    text: str
    grams: tuple[str, ...]
    prefix: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query (检索式): all of `must`, or at least one when `any_of`, and none of `without`."""

    must: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    any_of: bool = False
    text: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.must)


def parse(text: str) -> Query:
    """Return what a person typed as a query: words, "exact phrases", -excluded.

    >>> [t.text for t in parse("怎么开红字发票").must]
    ['开', '红字发票']
    >>> parse("！？").must
    ()
    """
    typed = fold(text).translate(_QUOTES)[:400]
    must: list[Term] = []
    without: list[Term] = []
    for found in _PIECE.finditer(typed):
        piece = found["phrase"] or found["plain"] or ""
        if found["no"]:
            without.extend(_phrases(piece))
        elif found["phrase"]:
            must.extend(_phrases(piece))
        else:
            must.extend(_terms(piece))
    said = [t for t in must if not is_stop_word(t.text)] or must
    return Query(_distinct(said), _distinct(without), text=typed.strip())


def similar(text: str, most: int = 12) -> Query:
    """Return the query that finds texts like this one (相似检索): any of its telling words, the longest first."""
    words = [w for w in dict.fromkeys(cut(text[:2000])) if not is_stop_word(w) and not w.isdigit()]
    words = [w for w in words if len(w) > 1]
    chosen = sorted(words, key=len, reverse=True)[:most]
    kept: dict[str, Term] = {}
    for word in (w for w in words if w in chosen):
        kept[word] = Term(word, tuple(needed(word)), weight=min(len(word), 6) / 2)
        for part in parts(word):
            kept.setdefault(part, Term(part, tuple(needed(part)), weight=0.6))
    return Query(_distinct(list(kept.values())), any_of=True, text=fold(text[:200]).strip())


def _terms(piece: str) -> list[Term]:
    """Return a term for each word of a piece without spaces."""
    found: list[Term] = []
    for run in runs(piece):
        words = cut(run) if is_han(run[0]) else [run]
        found.extend(
            Term(w, tuple(needed(w)), prefix=not is_han(w[0]), weight=0.2 if is_stop_word(w) else 1.0)
            for w in words
        )
    return found


def _phrases(piece: str) -> list[Term]:
    """Return one term for a phrase that must stand as it is written."""
    wanted = tuple(dict.fromkeys(gram for run in runs(piece) for gram in needed(run)))
    return [Term(piece.strip(), wanted, weight=2.0)] if wanted else []


def _distinct(terms: Sequence[Term]) -> tuple[Term, ...]:
    return tuple({term.text: term for term in terms}.values())[:TERM_LIMIT]
