"""The desk's turn (告警台处理): take what happened, decide what is told, write both in one transaction.

Whoever calls takes the turn: after the commit of what happened, at every call of a prober, once a minute in a job.
The row lock of `AlertDesk` lets one process at a time do it; whoever waited for it finds his own lines taken and goes.
So turns are small when little happens and grow with what happened meanwhile, a few hundred lines at most each: at a
turn of T milliseconds nobody waits longer than 2 T, and the statements of a turn are as many for one line as for all.
They are plain SQL (`platform/rows`): query sets and objects took five times what the database took.

A process keeps the desk in memory between its turns and takes over what other processes did since (`keeping`). State,
notice log and outgoing notices are written together: a process that is killed has either told or it has not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from taxops.engines.alerts import Delivery, Desk, Signal
from taxops.engines.base import TaxopsError, to_millis
from taxops.platform.rows import Bundle, among, ask, do, instant_of, json_of
from taxops.systems.operations.alerting.words import What

from .keeping import Kept, desk_of, leave_room, locked_room, write_changes
from .telling import send_all

_log = logging.getLogger("taxops.alerting")

MOST_EVENTS = 500
"""Lines taken in one turn; the rest is taken in the next, so that the lock is never held for long."""

PATIENCE = 10
"""So many turns in a row only take lines while more are waiting: a flood is told when it is known, in one notice."""

_IS_DUE = """
    SELECT EXISTS (SELECT 1 FROM operations_alertevent WHERE NOT is_taken),
        (SELECT next_ms FROM operations_alertdesk WHERE id = 1)
"""

# Of an end: the newest alert of its fingerprint, since an older outage of what is down again ends nothing.
_LINE = f"""
    e.id, e.what, e.at, e.who, e.note, e.alert_id, a.fingerprint, a.labels, a.summary, a.group_key,
    CASE WHEN e.what = '{What.RESOLVED}'
        THEN (SELECT MAX(n.id) FROM operations_alert n WHERE n.fingerprint = a.fingerprint) END
"""  # noqa: S608 -- our own words
_WAITING = f"""
    SELECT {_LINE} FROM operations_alertevent e JOIN operations_alert a ON a.id = e.alert_id
    WHERE NOT e.is_taken ORDER BY e.id LIMIT {{}}
"""  # noqa: S608 -- our own words
_TAKEN = f"""
    UPDATE operations_alertevent e SET is_taken = TRUE FROM operations_alert a
    WHERE a.id = e.alert_id
        AND e.id = ANY(ARRAY(SELECT id FROM operations_alertevent WHERE NOT is_taken ORDER BY id LIMIT {{}}))
    RETURNING {_LINE}
"""  # noqa: S608 -- our own words

_kept = Kept()
_mine = threading.Lock()


def turn_soon(now: datetime) -> None:
    """Take a turn after the caller's commit; a fault of alerting never disturbs what was committed.

    However often it is asked for inside a transaction, one turn takes all of it.
    """
    connection = transaction.get_connection()
    waiting = (getattr(hook, "__self__", None) for _, hook, _ in connection.run_on_commit)
    if connection.in_atomic_block and any(isinstance(one, _AfterCommit) for one in waiting):
        return
    # A bound method: Django names the hook when it logs its fault, which an object with `__call__` has no name for.
    transaction.on_commit(_AfterCommit(now).take, robust=True)


@dataclass(frozen=True, slots=True)
class _AfterCommit:
    """The turn that waits for the caller's commit."""

    now: datetime

    def take(self) -> None:
        turn_quietly(self.now)


def turn_quietly(now: datetime) -> None:
    """Take a turn whose fault is logged and hurts nobody else."""
    try:
        turn(now=now)
    except (TaxopsError, DatabaseError):  # a busy database: the next turn does it
        _log.exception("the alert desk could not take its turn")


def is_due(now: datetime) -> bool:
    """Test whether a turn has anything to do; one small read."""
    ((waits, next_ms),) = ask(_IS_DUE)
    return bool(waits) or (next_ms is not None and next_ms <= to_millis(now))


def turn(*, now: datetime) -> int:
    """Take turns until no line waits (处理一轮); return how many notices were decided.

    Nothing to do costs one small read.
    """
    if not is_due(now):
        return 0
    told, more, patience = 0, True, PATIENCE
    with _mine:
        try:
            while more:
                with transaction.atomic():
                    count, more = _turn(now, is_patient=patience > 0)
                told, patience = told + count, patience - 1 if more and patience else PATIENCE
        except BaseException:
            _kept.desk = None  # what is in memory is not what is in the database
            raise
    return told


class _Line(NamedTuple):
    """A line of an alert's history that waits for the desk, with what it needs to know of the alert.

    Args:
        newest: of an end: the newest alert of the same fingerprint.
    """

    pk: int
    what: str
    at: Any
    who: str
    note: str
    alert_id: int
    mark: str
    labels: Any
    summary: str
    group_key: str
    newest: int | None


def _turn(now: datetime, *, is_patient: bool) -> tuple[int, bool]:
    """Take one turn; return how many notices it decided, and whether lines are left.

    Args:
        is_patient: while lines are left, it only takes lines and tells nothing yet.
    """
    room = locked_room()
    now_ms = to_millis(now)
    lines = _waiting()
    more = len(lines) == MOST_EVENTS
    if not lines and (room.next_ms is None or room.next_ms > now_ms):
        return 0, False  # somebody else was here while we waited for the lock
    desk = desk_of(room, _kept, now)
    grouped = _take_all(desk, lines)
    deliveries = [] if more and is_patient else desk.advance(now_ms)
    room.turn += 1
    with Bundle() as bundle:
        send_all([(key_of(d), d) for d in deliveries], names=_kept.routes, now=now, bundle=bundle)
        write_changes(room, desk.take_changes(), bundle)
        _write_places(grouped, bundle)
        room.next_ms, room.turned_at = desk.next_ms(), now
        leave_room(room, bundle)
    _kept.stamp, _kept.plan, _kept.turn, _kept.desk = room.stamp, room.plan, room.turn, desk
    return len(deliveries), more


def _waiting() -> list[_Line]:
    """Return the lines that wait, oldest first, marked as taken."""
    if connection.vendor == "postgresql":
        return sorted(_Line(*row) for row in ask(_TAKEN.format(MOST_EVENTS)))
    lines = [_Line(*row) for row in ask(_WAITING.format(MOST_EVENTS))]
    if lines:
        these, pks = among("id", [line.pk for line in lines])
        do(f"UPDATE operations_alertevent SET is_taken = TRUE WHERE {these}", [pks])  # noqa: S608
    return lines


def key_of(delivery: Delivery) -> str:
    """Return a delivery's key in the length that the log has for it."""
    return f"alert-{blake2b(delivery.key.encode(), digest_size=16).hexdigest()}"


def _take_all(desk: Desk, lines: Sequence[_Line]) -> dict[int, str]:
    """Let the desk have the lines in their order; return in which group an alert is told that was in another."""
    grouped: dict[int, str] = {}
    for line in lines:
        _take(desk, line)
        groups = desk.groups_of(line.mark)
        if line.what not in {What.RESOLVED, What.ACKNOWLEDGED} and groups and groups[0] != line.group_key:
            grouped[line.alert_id] = groups[0]
    return grouped


def _take(desk: Desk, line: _Line) -> None:
    """Let the desk have one line. Their order counts, whatever the clocks said that wrote them."""
    at = instant_of(line.at)
    assert at is not None
    # Two lines of one alert may bear one time, or a clock was set back.
    at_ms = max(to_millis(at), desk.last_of(line.mark) + 1)
    if line.what == What.ASSIGNED:  # it goes another way from now on
        desk.forget(line.mark)
    if line.what in {What.FIRED, What.ASSIGNED, What.REOPENED, What.CHANGED}:
        desk.receive(Signal(json_of(line.labels), at_ms, True, line.note or line.summary), line.mark)
    elif line.what == What.RESOLVED:
        if line.newest == line.alert_id:
            desk.receive(Signal(json_of(line.labels), at_ms, False, line.note), line.mark)
    elif line.what == What.ACKNOWLEDGED:
        desk.acknowledge_alert(line.mark, line.who)


def _write_places(grouped: dict[int, str], bundle: Bundle) -> None:
    """Note on each alert in which group it is told, so that pages can unfold groups."""
    if not grouped:
        return
    if connection.vendor == "postgresql":
        do(
            "UPDATE operations_alert a SET group_key = v.key"
            " FROM unnest(%s::bigint[], %s::text[]) AS v(id, key) WHERE a.id = v.id",
            [list(grouped), list(grouped.values())],
            into=bundle,
        )
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE operations_alert SET group_key = %s WHERE id = %s",
            [(key, pk) for pk, key in grouped.items()],
        )
