"""The desk's turn (告警台处理): take what happened, decide what is told, write both in one transaction.

Whoever calls takes the turn: after the commit of what happened, at every call of a prober, once a minute in a job.
The row lock of `AlertDesk` lets one process at a time do it. A process keeps the desk in memory between its turns,
and believes it only while the row still bears the stamp that this process wrote; after a restart, or when another
process took a turn meanwhile, it loads the groups again. State, notice log and outgoing notices are written
together: a process that is killed has either told or it has not.
"""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import DatabaseError, transaction

from taxops.engines.alerts import Delivery, Desk, Signal, Silence, parse_matchers
from taxops.engines.base import TaxopsError, to_millis
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import (
    Alert,
    AlertDesk,
    AlertEvent,
    AlertGroup,
    AlertSilence,
)
from taxops.systems.operations.alerting.words import What

from .planning import current_plan
from .telling import send

_log = logging.getLogger("taxops.alerting")

MOST_EVENTS = 5000
"""Lines taken in one turn; the rest waits for the next, so that the lock is never held for long."""


@dataclass(slots=True)
class _Kept:
    """What this process remembers of the desk, and under which stamp."""

    stamp: str = ""
    plan: int = 0
    desk: Desk | None = None


_kept = _Kept()
_mine = threading.Lock()


def turn_soon(now: datetime) -> None:
    """Take a turn after the caller's commit; a fault of alerting never disturbs what was committed."""

    def after_commit() -> None:
        turn_quietly(now)

    transaction.on_commit(after_commit, robust=True)


def turn_quietly(now: datetime) -> None:
    """Take a turn whose fault is logged and hurts nobody else."""
    try:
        turn(now=now)
    except (TaxopsError, DatabaseError):  # a busy database: the next turn does it
        _log.exception("the alert desk could not take its turn")


def is_due(now: datetime) -> bool:
    """Test whether a turn has anything to do; two small reads."""
    if AlertEvent.objects.filter(is_taken=False).exists():
        return True
    room = AlertDesk.objects.filter(pk=1).values_list("next_ms", flat=True).first()
    return room is not None and room <= to_millis(now)


def turn(*, now: datetime) -> int:
    """Take a turn (处理一轮); return how many notices were decided. Nothing to do costs two small reads."""
    if not is_due(now):
        return 0
    with _mine:
        try:
            with transaction.atomic():
                return _turn(now)
        except BaseException:
            _kept.desk = None  # what is in memory is not what is in the database
            raise


def _turn(now: datetime) -> int:
    AlertDesk.objects.get_or_create(pk=1)
    room = AlertDesk.objects.select_for_update(no_key=True).get(pk=1)
    desk = _desk(room)
    now_ms = to_millis(now)
    events = list(
        AlertEvent.objects.filter(is_taken=False).select_related("alert").order_by("id")[:MOST_EVENTS]
    )
    grouped: dict[int, str] = {}
    for event in events:
        _take(desk, event, grouped)
    AlertEvent.objects.filter(pk__in=[event.pk for event in events]).update(is_taken=True)
    deliveries = desk.advance(now_ms)
    for delivery in deliveries:
        send(delivery, now=now, key=key_of(delivery))
    _write_groups(desk)
    _write_places(grouped)
    room.stamp, room.next_ms, room.turned_at = secrets.token_hex(16), desk.next_ms(), now
    room.save(update_fields=["stamp", "next_ms", "turned_at"])
    _kept.stamp, _kept.plan, _kept.desk = room.stamp, room.plan, desk
    return len(deliveries)


def key_of(delivery: Delivery) -> str:
    """Return a delivery's key in the length that the log has for it."""
    return f"alert-{blake2b(delivery.key.encode(), digest_size=16).hexdigest()}"


def _desk(room: AlertDesk) -> Desk:
    """Return the desk as the database has it: from memory when the stamp is still ours, else loaded."""
    if _kept.desk is not None and _kept.stamp == room.stamp and _kept.plan == room.plan:
        return _kept.desk
    return load_desk()


def load_desk() -> Desk:
    """Return the desk as its rows have it, with the plan and the silences of now."""
    dumps = list(AlertGroup.objects.order_by("pk").values_list("state", flat=True))
    data: dict[str, Any] = {"alerts": {}, "groups": []}
    for dump in dumps:
        data["alerts"].update(dump["alerts"])
        data["groups"] += dump["groups"]
    desk = Desk.load(data, current_plan(), rules.is_open)
    for row in AlertSilence.objects.filter(ended_at=None).select_related("org", "created_by"):
        desk.silence(as_silence(row))
    return desk


def as_silence(row: AlertSilence) -> Silence:
    """Return a silence as the engine knows it; it holds within its organisation's subtree."""
    return Silence(
        str(row.pk),
        parse_matchers([*row.matchers, f"org^={row.org.path}"]),
        to_millis(row.starts_at),
        to_millis(row.ends_at),
        row.created_by.display_name if row.created_by else "系统",
        row.reason,
    )


def _take(desk: Desk, event: AlertEvent, grouped: dict[int, str]) -> None:
    """Let the desk have one line. Lines are taken in their order, whatever the clocks said that wrote them."""
    alert = event.alert
    # Two lines of one alert may bear one time, or a clock was set back: their order is what counts.
    at_ms = max(to_millis(event.at), desk.last_of(alert.fingerprint) + 1)
    if event.what == What.ASSIGNED:  # it goes another way from now on
        desk.forget(alert.fingerprint)
    if event.what in {What.FIRED, What.ASSIGNED, What.REOPENED, What.CHANGED}:
        desk.receive(Signal(alert.labels, at_ms, True, event.note or alert.summary), alert.fingerprint)
        groups = desk.groups_of(alert.fingerprint)
        if groups:
            grouped[alert.pk] = groups[0]
    elif event.what == What.RESOLVED:
        newest = Alert.objects.filter(fingerprint=alert.fingerprint).order_by("-pk").first()
        if newest is None or newest.pk == alert.pk:  # an older outage of what is down again ends nothing
            desk.receive(Signal(alert.labels, at_ms, False, event.note), alert.fingerprint)
    elif event.what == What.ACKNOWLEDGED:
        desk.acknowledge_alert(alert.fingerprint, event.who)


def _write_groups(desk: Desk) -> None:
    """Store the groups that changed; few statements however many."""
    changed = desk.take_changes()
    over = [key[:300] for key, state in changed.items() if state is None]
    if over:
        AlertGroup.objects.filter(key__in=over).delete()
    AlertGroup.objects.bulk_create(
        [AlertGroup(key=key[:300], state=state) for key, state in changed.items() if state is not None],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["state"],
    )


def _write_places(grouped: dict[int, str]) -> None:
    """Note on each alert in which group it is told, so that pages can unfold groups."""
    by_key: dict[str, list[int]] = {}
    for pk, key in grouped.items():
        by_key.setdefault(key[:300], []).append(pk)
    for key, pks in by_key.items():
        Alert.objects.filter(pk__in=pks).update(group_key=key)
