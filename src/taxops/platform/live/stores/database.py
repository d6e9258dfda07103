"""Live events through the database: nothing to install, enough for one province on one server."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Max, Min
from django.utils import timezone

from taxops.engines.base import Unavailable
from taxops.platform.live.models import LiveEvent
from taxops.platform.live.rules import KEPT_ROWS, KEPT_S, Event
from taxops.platform.rows import Bundle, Table, do

from .base import Batch, Draft

_PRUNE_EVERY = 500
_events = Table(LiveEvent, "topic", "path", "key", "payload", "at")
_LOCK = 0x7A7870_6C697665  # an arbitrary number that PostgreSQL's advisory lock goes by


class DatabaseStore:
    """Keeps events in a table (事件表); the web process reads what is new, once a second at most."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._since_prune = 0

    def append(self, drafts: Sequence[Draft]) -> None:
        """Insert the events; on PostgreSQL one writer at a time, so that ids become visible in order."""
        now = timezone.now()
        rows = [(d.topic, d.path, d.key, d.text, now) for d in drafts]
        try:
            with transaction.atomic(), Bundle() as bundle:
                if connection.vendor == "postgresql":
                    do("SELECT pg_advisory_xact_lock(%s)", [_LOCK], into=bundle)
                _events.insert(rows, into=bundle)
            self._since_prune += len(rows)
            if self._since_prune >= _PRUNE_EVERY:
                self._since_prune = 0
                self.prune()
        except DatabaseError as error:
            raise Unavailable("实时推送暂时不可用。", "页面仍可手动刷新。") from error
        self.wake()

    def prune(self) -> int:
        """Forget events that are too old or too many; the newest stays, so that gaps can be told.

        Returns:
            How many were forgotten.
        """
        newest = self.position()
        old = LiveEvent.objects.filter(at__lt=timezone.now() - timedelta(seconds=KEPT_S), id__lt=newest)
        many = LiveEvent.objects.filter(id__lte=newest - KEPT_ROWS)
        return old.delete()[0] + many.delete()[0]

    def position(self) -> int:
        """Return the newest id."""
        try:
            return LiveEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
        except DatabaseError as error:
            raise Unavailable("实时推送暂时不可用。", "页面仍可手动刷新。") from error

    def after(self, cursor: int, limit: int) -> Batch:
        """Return the next events; asks for the oldest kept only when ids do not follow on."""
        try:
            rows = list(
                LiveEvent.objects.filter(id__gt=cursor)
                .order_by("id")
                .values_list("id", "topic", "path", "key", "payload")[:limit]
            )
            floor = 0
            if not rows or rows[0][0] != cursor + 1:
                oldest = LiveEvent.objects.aggregate(oldest=Min("id"))["oldest"] if rows else None
                floor = (oldest or 1) - 1
        except DatabaseError as error:
            raise Unavailable("实时推送暂时不可用。", "页面仍可手动刷新。") from error
        return Batch(tuple(Event(*row) for row in rows), floor)

    def wait(self, cursor: int, timeout: float) -> None:
        """Sleep until this process publishes or the time is over."""
        self._woken.wait(timeout)
        self._woken.clear()

    def wake(self) -> None:
        """End the sleep."""
        self._woken.set()

    def close(self) -> None:
        """Give back the thread's database connection."""
        connections.close_all()
