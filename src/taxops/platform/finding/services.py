"""Keeping the index (检索索引): rooms put and drop entries inside their own transactions.

Not audited: the index holds nothing that the rooms' own records do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from taxops.engines.search import grams

from . import store
from .models import IndexedText

BODY_LIMIT = 200_000
"""Characters of a body that are indexed and searched; more is a file, not an article."""


def put(
    kind: str,
    object_id: object,
    *,
    title: str,
    body: str = "",
    at: datetime,
    org_path: str = "",
    facet: str = "",
    boost: float = 0.0,
) -> IndexedText:
    """Make a thing findable, or bring its entry up to date (登记检索条目).

    Args:
        org_path: whose it is; `""` is findable for everyone who holds the permission anywhere at the root.
        facet: a category to narrow by.
        boost: lifts what readers found useful; 0 to about 2.
    """
    body = body.replace("\x00", "")[:BODY_LIMIT]
    title = title.replace("\x00", "")[:300]
    with transaction.atomic():
        entry, _ = IndexedText.objects.update_or_create(
            kind=kind,
            object_id=str(object_id)[:40],
            defaults={
                "title": title,
                "body": body,
                "facet": facet[:60],
                "org_path": org_path,
                "boost": boost,
                "at": at,
            },
        )
        of_title = grams(title)
        store.keep(entry.pk, of_title, grams(f"{title}\n{body}"))
    return entry


def drop(kind: str, object_ids: Iterable[object]) -> int:
    """Make things unfindable (撤下检索条目); return how many entries went."""
    with transaction.atomic():
        rows = IndexedText.objects.filter(kind=kind, object_id__in=[str(i) for i in object_ids])
        pks = list(rows.values_list("pk", flat=True))
        store.forget(pks)
        rows.delete()
    return len(pks)
