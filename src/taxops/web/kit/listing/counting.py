"""Counting the rows of a list (计数) without working out what is only shown of them."""

from __future__ import annotations

from typing import Any

from django.db.models import CompositePrimaryKey, QuerySet

FEW = 500
"""Up to so many found rows are fetched by their keys, instead of searching once to count and again to show."""


def keys_only(rows: QuerySet[Any]) -> QuerySet[Any] | None:
    """Return what has as many rows and costs least to count: keys alone, no order, nothing computed per row.

    A count up to a limit wraps the query with all its columns, and a duration that is only shown would be worked
    out for each row. None: the rows are values, distinct or joined sets, whose columns are what makes them
    differ, or have no key of one column.
    """
    query = rows.query
    if query.combinator or query.distinct or query.values_select or query.is_sliced:
        return None
    if isinstance(rows.model._meta.pk, CompositePrimaryKey):
        return None
    return rows.order_by().values("pk")
