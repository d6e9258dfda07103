"""Histories in and out of the database (历史的存取): rows to engine events and back, the chain of hashes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from taxops.engines.cases import Event
from taxops.engines.ledger import GENESIS, Broken, Head, Link, canonical, digest
from taxops.engines.ledger import verify as verify_links

from .models import Case, CaseEvent


def instant(seconds: int) -> datetime:
    """Return the UTC instant of whole seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds(at: datetime) -> int:
    """Return whole UTC seconds of an instant, cut off."""
    return int(at.timestamp() // 1)


def event_of(row: CaseEvent) -> Event:
    """Return a row as the engine knows it."""
    return Event(
        row.seq,
        row.kind,
        seconds(row.at),
        seconds(row.entered_at),
        row.actor_id,
        row.actor_name,
        json.loads(row.data),
        row.key,
    )


def load(case: Case) -> list[Event]:
    """Return a case's history in the order of entry; one query."""
    return [event_of(row) for row in CaseEvent.objects.filter(case=case).order_by("seq")]


def content_of(row: CaseEvent) -> str:
    """Return the canonical text that a row's hash covers: everything but number and hashes."""
    return canonical(
        {
            "case": row.case_id,
            "kind": row.kind,
            "at": row.at,
            "entered_at": row.entered_at,
            "actor": row.actor_id,
            "actor_name": row.actor_name,
            "data": row.data,
            "key": row.key,
        }
    )


def append(case: Case, events: Sequence[Event]) -> str:
    """Add events to a case's history; return the hash of the last. The caller holds the case.

    Raises:
        IntegrityError: somebody else has written a line of that number or key.
    """
    previous = case.head or GENESIS
    rows = []
    for event in events:
        row = CaseEvent(
            case=case,
            seq=event.seq,
            kind=event.kind,
            at=instant(event.at),
            entered_at=instant(event.entered_at),
            actor_id=event.actor_id,
            actor_name=event.actor_name[:100],
            data=canonical(event.data),
            key=event.key,
            prev_hash=previous,
        )
        row.hash = previous = digest(event.seq, previous, content_of(row))
        rows.append(row)
    CaseEvent.objects.bulk_create(rows)
    return previous


def verify(case: Case) -> Broken | None:
    """Return the first line of a case's history that does not hold, or None (核验历史)."""
    rows = CaseEvent.objects.filter(case=case).order_by("seq")
    links = (Link(row.seq, row.prev_hash, content_of(row), row.hash) for row in rows)
    return verify_links(links, Head(case.version, case.head))


def plain(events: Iterable[Event]) -> list[dict[str, object]]:
    """Return events as plain values, for the command line and the API."""
    return [
        {
            "seq": e.seq,
            "kind": e.kind,
            "at": instant(e.at).isoformat(),
            "entered_at": instant(e.entered_at).isoformat(),
            "actor": e.actor_name,
            "data": dict(e.data),
        }
        for e in events
    ]
