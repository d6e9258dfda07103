"""Asking the index (检索): candidates by grams within the asker's range, verified and ranked by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from taxops.engines.base import Scope
from taxops.engines.search import Candidate, Piece, Query, highlight, parse, rank, similar, snippet
from taxops.platform.identity.queries import within

from . import store
from .models import IndexedText

TITLES = 300
CANDIDATES = 600
"""How many entries are verified and ranked: those with the words in the title first, then the newest."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found (检索结果)."""

    kind: str
    object_id: str
    title: Sequence[Piece]
    snippet: Sequence[Piece]
    facet: str
    at: datetime
    score: float

    @property
    def plain(self) -> str:
        """The title without marks."""
        return "".join(piece.text for piece in self.title)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found (检索结果集). `more`: the index holds more candidates than were looked at."""

    query: Query
    hits: Sequence[Hit] = ()
    total: int = 0
    more: bool = False


def find(
    scope: Scope, text: str, *, kinds: Mapping[str, str], facet: str = "", limit: int = 20, offset: int = 0
) -> Found:
    """Return what a typed text finds among the kinds, best first; at most two queries.

    Args:
        kinds: kind → permission that the asker needs where the thing belongs.
    """
    return _ask(scope, parse(text), kinds, facet, limit, offset)


def find_similar(scope: Scope, text: str, *, kinds: Mapping[str, str], limit: int = 5) -> Found:
    """Return what resembles a text (相似事项、相关知识); at most two queries."""
    return _ask(scope, similar(text), kinds, "", limit, 0)


def _ask(scope: Scope, query: Query, kinds: Mapping[str, str], facet: str, limit: int, offset: int) -> Found:
    allowed = Q(pk__in=())
    for kind, permission in kinds.items():
        allowed |= Q(kind=kind) & within(scope, permission, "org_path")
    if not query:
        return Found(query)
    rows = IndexedText.objects.filter(allowed)
    if facet:
        rows = rows.filter(facet=facet)
    first = _pull(rows, query, titles_only=True, most=TITLES)
    second = _pull(rows, query, titles_only=False, most=CANDIDATES)
    entries = {entry.pk: entry for entry in [*first, *second]}
    ranked = rank(query, [Candidate(e.pk, e.title, e.body, e.boost) for e in entries.values()])
    shown = ranked[offset : offset + limit]
    hits = []
    for one in shown:
        entry = entries[int(str(one.key))]
        hits.append(
            Hit(
                entry.kind,
                entry.object_id,
                highlight(entry.title, query),
                snippet(entry.body, query),
                entry.facet,
                entry.at,
                one.score,
            )
        )
    return Found(query, hits, len(ranked), more=len(second) == CANDIDATES)


def _pull(rows: QuerySet[IndexedText], query: Query, *, titles_only: bool, most: int) -> list[IndexedText]:
    return list(
        rows.filter(pk__in=store.matching(query, titles_only=titles_only)).order_by("-at", "-pk")[:most]
    )
