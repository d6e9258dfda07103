"""Keeping the desk (告警台状态): rows to a desk, what others did meanwhile, and what a turn changed back to rows.

Groups and members are rows that bear the number of the turn that wrote them. A process that kept the desk in memory
takes over only the rows of later turns; what a turn changed is written in two statements, however much is open. A
group or member that is over stays as a row until `KEPT_TURNS` later, so that its end can be taken over too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from taxops.engines.alerts import Changes, Desk, Silence, parse_matchers
from taxops.engines.base import to_millis
from taxops.platform.rows import Bundle, Table, ask, do, instant_of, json_of, moment
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import AlertDesk, AlertGroup, AlertMember, AlertSilence
from taxops.systems.operations.alerting.queries.notices import route_names

from .planning import current_plan

KEPT_TURNS = 1_000
"""A process that slept through more turns than this loads everything again."""

_PURGE_EVERY = 200
_GROUP = ("key", "route", "due_ms", "told_ms", "first_told_ms", "step", "count")
_MEMBER = (
    "fingerprint", "labels", "since_ms", "ended_ms", "last_ms", "summary", "told", "acknowledged",
)  # fmt: skip
_groups = Table(AlertGroup, *_GROUP, "is_over", "turn")
_members = Table(AlertMember, "group_key", *_MEMBER, "is_over", "turn")
_ROOM = ("stamp", "turn", "purged", "plan", "next_ms", "turned_at")


@dataclass(slots=True)
class Kept:
    """What this process remembers of the desk, and as of which turn; the names of routes by how the desk names them."""

    stamp: str = ""
    plan: int = 0
    turn: int = 0
    desk: Desk | None = None
    routes: dict[str, str] = field(default_factory=dict)


def desk_of(room: AlertDesk, kept: Kept, now: datetime) -> Desk:
    """Return the desk as the database has it: from memory with what happened since, else loaded.

    Args:
        room: the desk's row, locked.
    """
    known = kept.desk
    if (
        known is None
        or kept.stamp != room.stamp
        or kept.plan != room.plan
        or not room.purged <= kept.turn <= room.turn
    ):
        desk, kept.routes = load_desk(), route_names()
        if kept.plan != room.plan:
            desk.review(to_millis(now))
        return desk
    if kept.turn < room.turn:
        known.merge(_rows(since=kept.turn))
    return known


def load_desk() -> Desk:
    """Return the desk as its rows have it, with the plan and the silences of now."""
    desk = Desk.load(_rows(), current_plan(), rules.is_open)
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


def _rows(since: int | None = None) -> Changes:
    """Return the rows of turns later than `since`, or all that are not over; two queries."""
    which, params = ("NOT is_over", []) if since is None else ("turn > %s", [since])
    found = Changes()
    columns = ", ".join(connection.ops.quote_name(name) for name in _GROUP)
    groups = f"SELECT is_over, {columns} FROM operations_alertgroup WHERE {which} ORDER BY id"  # noqa: S608
    for is_over, *values in ask(groups, params):
        found.groups[values[0]] = None if is_over else dict(zip(_GROUP, values, strict=True))
    members = f"SELECT is_over, group_key, {', '.join(_MEMBER)} FROM operations_alertmember"  # noqa: S608
    for is_over, group, *values in ask(f"{members} WHERE {which} ORDER BY id", params):
        state = dict(zip(_MEMBER, values, strict=True))
        state["labels"] = json_of(state["labels"])
        found.members[group, values[0]] = None if is_over else state
    return found


def write_changes(room: AlertDesk, changes: Changes, bundle: Bundle) -> None:
    """Store what a turn changed, under the number of that turn (`room.turn`)."""
    _groups.upsert(
        [
            (key, "", 0, 0, 0, 0, 0, True, room.turn)
            if state is None
            else (*(state[name] for name in _GROUP), False, room.turn)
            for key, state in changes.groups.items()
        ],
        key=["key"],
        into=bundle,
    )
    _members.upsert(
        [
            (key, mark, {}, 0, None, 0, "", False, "", True, room.turn)
            if state is None
            else (key, *(state[name] for name in _MEMBER), False, room.turn)
            for (key, mark), state in changes.members.items()
        ],
        key=["group_key", "fingerprint"],
        into=bundle,
    )
    if room.turn % _PURGE_EVERY == 0:
        _purge(room)


def _purge(room: AlertDesk) -> None:
    """Take away what has been over for so long that whoever does not know of it loads everything anyway."""
    room.purged = max(room.purged, room.turn - KEPT_TURNS)
    AlertGroup.objects.filter(is_over=True, turn__lte=room.purged).delete()
    AlertMember.objects.filter(is_over=True, turn__lte=room.purged).delete()


def locked_room() -> AlertDesk:
    """Return the desk's row, locked; made when there is none."""
    lock = (
        " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    )  # SQLite has one writer at a time
    room = f"SELECT {', '.join(_ROOM)} FROM operations_alertdesk WHERE id = 1{lock}"  # noqa: S608
    found = ask(room)
    if not found:
        AlertDesk.objects.get_or_create(pk=1)
        found = ask(room)
    desk = AlertDesk(**dict(zip(_ROOM, found[0], strict=True)))
    desk.turned_at = instant_of(desk.turned_at)
    if not desk.stamp:
        desk.stamp = secrets.token_hex(16)
    return desk


def leave_room(room: AlertDesk, bundle: Bundle) -> None:
    """Write down how a turn left the desk."""
    assert room.turned_at is not None
    do(
        "UPDATE operations_alertdesk SET stamp = %s, turn = %s, purged = %s, next_ms = %s, turned_at = %s WHERE id = 1",
        [room.stamp, room.turn, room.purged, room.next_ms, moment(room.turned_at)],
        into=bundle,
    )
