"""Monitoring's side of the exchange (对外交换): outages of systems told after the commit, questions answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from taxops.engines.base import Interval
from taxops.exchange import operations as exchange

from .models import Outage


def tell_outages(opened: Iterable[Outage], ended: Iterable[Outage]) -> None:
    """Tell other systems, after the commit, which systems went down and which came back."""
    events: list[exchange.Event] = [
        exchange.OutageOpened(o.pk, o.system.code, o.severity, o.started_at, o.detected_at, o.cause)
        for o in opened
        if o.system is not None
    ]
    events += [
        exchange.OutageEnded(o.pk, o.system.code, o.started_at, o.ended_at, o.withdrawn_at is not None)
        for o in ended
        if o.system is not None
    ]

    def tell() -> None:
        for event in events:
            exchange.tell(event)

    if events:
        transaction.on_commit(tell, robust=True)


def down_intervals(system_code: str, start: datetime, end: datetime) -> Sequence[Interval]:
    """Return a system's outages within `[start, end)`, cut to it."""
    rows = (
        Outage.objects.filter(system__code=system_code, withdrawn_at=None, started_at__lt=end)
        .filter(Q(ended_at=None) | Q(ended_at__gt=start))
        .order_by("started_at")
    )
    return [Interval(max(o.started_at, start), min(o.ended_at or end, end)) for o in rows]


exchange.answer_down_intervals(down_intervals)
