"""Comparing the outages that history says with those on record (中断比对)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """One outage as history tells it (中断区间): `[started_at, ended_at)`, and when each end was known.

    Args:
        started_at: the first failed result of the confirming run.
        ended_at: the first good result of the recovering run; None while it lasts.
        detected_at: when it was confirmed.
        recovered_at: when the recovery was confirmed.
        cause: what was seen.
        blame: ids of the checks that were down at its beginning, for an outage of a system; not compared.
    """

    started_at: datetime
    ended_at: datetime | None
    detected_at: datetime
    recovered_at: datetime | None
    cause: str = ""
    blame: frozenset[int] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """What must change on record (差异): by start, since a start names an outage of a subject."""

    new: tuple[Span, ...] = ()
    changed: tuple[Span, ...] = ()
    gone: tuple[datetime, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def difference(recorded: Iterable[Span], told: Sequence[Span]) -> Difference:
    """Return what must be added, changed and withdrawn so that the record says what history tells.

    A record keeps its cause when history offers none.
    """
    on_record = {span.started_at: span for span in recorded}
    new: list[Span] = []
    changed: list[Span] = []
    for span in told:
        was = on_record.pop(span.started_at, None)
        if was is None:
            new.append(span)
            continue
        kept = span if span.cause else replace(span, cause=was.cause)
        if kept != was:
            changed.append(kept)
    return Difference(tuple(new), tuple(changed), tuple(sorted(on_record)))
