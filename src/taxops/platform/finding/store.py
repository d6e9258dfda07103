"""The only SQL of full-text search: grams in, candidates out. Nothing here is trusted to rank.

SQLite keeps them in an FTS5 table (`unicode61`), PostgreSQL as tsvectors made from arrays: no parser of either
database ever sees the text, so both hold exactly the same grams.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models.expressions import RawSQL

from taxops.engines.search import Query, Term


def keep(pk: int, title: Sequence[str], everything: Sequence[str]) -> None:
    """Store the grams of one entry, replacing what was there."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM finding_fts WHERE rowid = %s", [pk])
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO finding_fts (rowid, title, body)"
                " VALUES (%s, array_to_tsvector(%s::text[]), array_to_tsvector(%s::text[]))",
                [pk, list(title), list(everything)],
            )
        else:
            cursor.execute(
                "INSERT INTO finding_fts (rowid, title, body) VALUES (%s, %s, %s)",
                [pk, " ".join(title), " ".join(everything)],
            )


def forget(pks: Sequence[int]) -> None:
    """Remove the grams of entries."""
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM finding_fts WHERE rowid = %s", [[pk] for pk in pks])


def matching(query: Query, *, titles_only: bool = False) -> RawSQL:
    """Return the ids of the entries that have the grams of the query, for `pk__in`."""
    if connection.vendor == "postgresql":
        of_title = "SELECT rowid FROM finding_fts WHERE title @@ %s::tsquery"
        of_all = "SELECT rowid FROM finding_fts WHERE body @@ %s::tsquery"
        where = of_title if titles_only else of_all
        return RawSQL(where, [_tsquery(query)])  # noqa: S611  # two fixed texts; what was typed is a parameter
    where = "SELECT rowid FROM finding_fts WHERE finding_fts MATCH %s"
    column = "title" if titles_only else "body"
    return RawSQL(where, [f"{column} : ({_fts5(query)})"])  # noqa: S611  # one fixed text; grams are letters and digits


def _fts5(query: Query) -> str:
    """Return the query in FTS5's language; grams are letters and digits only, and quoted."""

    def one(term: Term) -> str:
        grams = [f'"{gram}"' for gram in term.grams]
        if term.prefix:
            grams[-1] += " *"
        return "(" + " AND ".join(grams) + ")"

    return (" OR " if query.any_of else " AND ").join(one(term) for term in query.must)


def _tsquery(query: Query) -> str:
    """Return the query as PostgreSQL reads a tsquery; quoted grams are taken as they are."""

    def one(term: Term) -> str:
        grams = [f"'{gram}'" for gram in term.grams]
        if term.prefix:
            grams[-1] += ":*"
        return "(" + " & ".join(grams) + ")"

    return (" | " if query.any_of else " & ").join(one(term) for term in query.must)
