"""Carrying the trail away (导出审计日志): one JSON text a line, with hashes, checkable without us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from taxops.engines.base import Scope, TooLarge

from . import queries, services
from .models import AuditEntry

MOST = 200_000


def write(
    scope: Scope, out: IO[bytes], *, since: datetime | None, until: datetime | None, now: datetime
) -> int:
    """Write the entries an auditor may see to a file (导出), note it in the trail, return how many.

    Raises:
        TooLarge: more than fit one download.
    """
    found = queries.list_entries(scope, since=since, until=until).count()
    if found > MOST:
        raise TooLarge(f"共 {found:,} 条，一次最多导出 {MOST:,} 条。", "请缩小日期范围，分次导出。")
    count = 0
    for line in lines(scope, since=since, until=until):
        out.write(line.encode() + b"\n")
        count += 1
    note_export(scope, count, now=now)
    return count


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
