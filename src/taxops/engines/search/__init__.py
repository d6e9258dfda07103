"""Chinese full-text search (中文全文检索), the pure part: tokens for an index, parsed queries, ranking, highlights.

A document is indexed as the set of its grams; a query becomes terms that each need a set of grams. Which store
keeps the grams (SQLite FTS5, PostgreSQL tsvector) is the caller's business: both give the same candidates, and
this engine verifies and ranks them, so the answers are the same. Spec: dependencies §7; JL and GX 知识库 (GX:269).
"""

from .fusing import fuse
from .grams import GRAM_LIMIT, grams
from .parsing import Query, Term, parse, similar
from .ranking import Candidate, Ranked, rank
from .showing import Piece, highlight, snippet
from .words import cut, fold

__all__ = [
    "GRAM_LIMIT",
    "Candidate",
    "Piece",
    "Query",
    "Ranked",
    "Term",
    "cut",
    "fold",
    "fuse",
    "grams",
    "highlight",
    "parse",
    "rank",
    "similar",
    "snippet",
]
