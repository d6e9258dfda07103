"""Keeping the desk (告警台状态): rows to a desk, what others did meanwhile, and what a turn changed back to rows.

Groups and members are rows that bear the number of the turn that wrote them. A process that kept the desk in memory
takes over only the rows of later turns; what a turn changed is written in two statements, however much is open. A
group or member that is over stays as a row until `KEPT_TURNS` later, so that its end can be taken over too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from taxops.engines.alerts import Changes, Desk, Silence, parse_matchers
from taxops.engines.base import to_millis
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
    groups, members = AlertGroup.objects.order_by("pk"), AlertMember.objects.order_by("pk")
    if since is None:
        groups, members = groups.filter(is_over=False), members.filter(is_over=False)
    else:
        groups, members = groups.filter(turn__gt=since), members.filter(turn__gt=since)
    found = Changes()
    for row in groups.values(*_GROUP, "is_over"):
        found.groups[row["key"]] = None if row["is_over"] else row
    for row in members.values("group_key", *_MEMBER, "is_over"):
        key = row["group_key"], row["fingerprint"]
        found.members[key] = None if row["is_over"] else row
    return found


def write_changes(room: AlertDesk, changes: Changes) -> None:
    """Store what a turn changed, under the number of that turn (`room.turn`)."""
    AlertGroup.objects.bulk_create(
        [
            AlertGroup(turn=room.turn, **{name: state[name] for name in _GROUP})
            if state is not None
            else AlertGroup(key=key, turn=room.turn, is_over=True)
            for key, state in changes.groups.items()
        ],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[*_GROUP[1:], "is_over", "turn"],
    )
    AlertMember.objects.bulk_create(
        [
            AlertMember(group_key=key, turn=room.turn, **{name: state[name] for name in _MEMBER})
            if state is not None
            else AlertMember(
                group_key=key, fingerprint=mark, since_ms=0, last_ms=0, turn=room.turn, is_over=True
            )
            for (key, mark), state in changes.members.items()
        ],
        update_conflicts=True,
        unique_fields=["group_key", "fingerprint"],
        update_fields=[*_MEMBER[1:], "is_over", "turn"],
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
    rooms = AlertDesk.objects.select_for_update(no_key=True)
    room = rooms.filter(pk=1).first()
    if room is None or not room.stamp:
        AlertDesk.objects.get_or_create(pk=1)
        room = rooms.get(pk=1)
    if not room.stamp:
        room.stamp = secrets.token_hex(16)
    return room
