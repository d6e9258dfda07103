"""Carrying the trail away (导出审计日志): one JSON text a line, with hashes, checkable without us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from taxops.engines.base import Scope

from . import queries, services
from .models import AuditEntry


def lines(scope: Scope, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
    """Yield the entries an auditor may see, oldest first, one line each (JSON Lines).

    `content` is the exact text that `hash = SM3("<seq>\\n<prev_hash>\\n<content>")` covers.
    """
    found = queries.list_entries(scope, since=since, until=until).order_by("seq")
    for entry in found.iterator(chunk_size=2000):
        yield line_of(entry)


def line_of(entry: AuditEntry) -> str:
    """Return one entry as a line (导出行)."""
    return json.dumps(
        {
            "seq": entry.seq,
            "content": services.content_of(entry),
            "prev_hash": entry.prev_hash,
            "hash": entry.hash,
        },
        ensure_ascii=False,
    )


def note_export(scope: Scope, count: int, *, now: datetime) -> None:
    """Write into the trail that it was carried away, by whom, and how much of it."""
    services.record(
        scope, now=now, action="audit.export", kind="audit", object_id="export", label="导出审计日志",
        after={"count": count},
    )  # fmt: skip
