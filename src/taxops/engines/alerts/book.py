"""The desk's book (告警台账): which groups there are, who is in them, what is due; and what of it changed.

It knows nothing of routes or reasons. It keeps note of every group and every member that was touched, one by one, so
that a store writes only those, and another process that kept the book itself takes over only those (`merge`).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .groups import Group
from .model import Alert

GroupState = Mapping[str, Any]
"""`key`, `route`, `due_ms`, `told_ms`, `first_told_ms`, `step`, `count`: JSON-ready."""

MemberState = Mapping[str, Any]
"""`group`, `fingerprint`, `labels`, `since_ms`, `ended_ms`, `last_ms`, `summary`, `told`, `acknowledged`."""


@dataclass(slots=True)
class Changes:
    """What of the book changed (台账变化): each group and each member by its key; None: it is over."""

    groups: dict[str, GroupState | None] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberState | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.groups or self.members)


class Book:
    """Groups, members and appointments (告警台账). The work of each call does not grow with what is open."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.places: dict[str, list[str]] = {}  # fingerprint -> keys of its groups
        self._due: list[tuple[int, str]] = []
        self._groups_touched: set[str] = set()
        self._members_touched: set[tuple[str, str]] = set()

    def known(self, mark: str) -> Alert | None:
        """Return the alert of a fingerprint; all its groups hold one and the same."""
        keys = self.places.get(mark)
        return self.groups[keys[0]].alerts[mark] if keys else None

    # ------------------------------------------------------------ writing

    def open(self, key: str, route: str, due_ms: int) -> Group:
        """Open a group with its first appointment."""
        group = self.groups[key] = Group(key, route)
        self.appoint(group, due_ms)
        return group

    def join(self, group: Group, alert: Alert) -> None:
        """Put an alert into a group."""
        group.alerts[alert.fingerprint] = alert
        self.places.setdefault(alert.fingerprint, []).append(group.key)
        self._members_touched.add((group.key, alert.fingerprint))

    def leave(self, group: Group, mark: str) -> None:
        """Take an alert out of a group; a group without alerts is closed."""
        del group.alerts[mark]
        group.told.discard(mark)
        group.acknowledged.pop(mark, None)
        self._members_touched.add((group.key, mark))
        keys = self.places[mark]
        keys.remove(group.key)
        if not keys:
            del self.places[mark]
        if not group.alerts:
            del self.groups[group.key]
            self.touch(group)

    def appoint(self, group: Group, due_ms: int) -> None:
        """Look at a group at that instant, and at no other one that was appointed before."""
        group.due_ms = due_ms
        heapq.heappush(self._due, (due_ms, group.key))
        self.touch(group)

    def touch(self, group: Group) -> None:
        """Note that what a group remembers of itself changed."""
        self._groups_touched.add(group.key)

    def touch_alert(self, mark: str) -> None:
        """Note that an alert changed, in all its groups."""
        self._members_touched.update((key, mark) for key in self.places.get(mark, ()))

    def tell(self, group: Group, told: set[str]) -> None:
        """Note which alerts a group was last told of as firing."""
        self._members_touched.update((group.key, mark) for mark in told ^ group.told)
        group.told = told

    def acknowledge(self, group: Group, mark: str, who: str) -> None:
        """Note who has taken an alert of a group."""
        group.acknowledged[mark] = who
        self._members_touched.add((group.key, mark))

    # ------------------------------------------------------------ appointments

    def pop_due(self, now_ms: int) -> Group | None:
        """Return the next group whose appointment has come; None when there is none."""
        while self._due and self._due[0][0] <= now_ms:
            due, key = heapq.heappop(self._due)
            group = self.groups.get(key)
            if group is not None and group.due_ms == due:  # else: of a group that was moved or closed
                return group
        return None

    def next_ms(self) -> int | None:
        """Return the earliest appointment, dropping those that count no more; None when nothing is open."""
        while self._due:
            due, key = self._due[0]
            group = self.groups.get(key)
            if group is not None and group.due_ms == due:
                return due
            heapq.heappop(self._due)
        return None

    # ------------------------------------------------------------ across processes

    def take_changes(self) -> Changes:
        """Return what was touched since last asked. Writing this and nothing else keeps a true copy."""
        found = Changes()
        for key in sorted(self._groups_touched):
            found.groups[key] = _group_state(self.groups[key]) if key in self.groups else None
        for key, mark in sorted(self._members_touched):
            group = self.groups.get(key)
            inside = group is not None and mark in group.alerts
            found.members[key, mark] = _member_state(group, mark) if inside and group else None
        self._groups_touched.clear()
        self._members_touched.clear()
        return found

    def whole(self) -> Changes:
        """Return everything, as a copy that begins empty would have to be told."""
        return Changes(
            {key: _group_state(group) for key, group in self.groups.items()},
            {(k, m): _member_state(group, m) for k, group in self.groups.items() for m in group.alerts},
        )

    def merge(self, changes: Changes) -> list[str]:
        """Take over what a copy of this book was told elsewhere; return the fingerprints that it concerns.

        What is given counts, whatever stands here; nothing of it is a change of our own.
        """
        for (key, mark), state in changes.members.items():
            if state is None and key in self.groups and mark in self.groups[key].alerts:
                self.leave(self.groups[key], mark)
        for key, header in changes.groups.items():
            if header is not None:
                group = self.groups.setdefault(key, Group(key, header["route"]))
                for name in ("route", "due_ms", "told_ms", "first_told_ms", "step", "count"):
                    setattr(group, name, header[name])
                heapq.heappush(self._due, (group.due_ms, key))
        for (key, mark), state in changes.members.items():
            if state is not None:
                self._put(self.groups[key], mark, state)
        for key, header in changes.groups.items():
            if header is None:
                self.groups.pop(key, None)
        self._groups_touched.clear()
        self._members_touched.clear()
        return list(dict.fromkeys(mark for _, mark in changes.members))

    def _put(self, group: Group, mark: str, state: MemberState) -> None:
        alert = self.known(mark)
        if alert is None:
            alert = Alert(mark, {}, 0, None, 0, "")
        alert.labels = dict(state["labels"])
        for name in ("since_ms", "ended_ms", "last_ms", "summary"):
            setattr(alert, name, state[name])
        if mark not in group.alerts:
            self.join(group, alert)
        (group.told.add if state["told"] else group.told.discard)(mark)
        if state["acknowledged"]:
            group.acknowledged[mark] = state["acknowledged"]
        else:
            group.acknowledged.pop(mark, None)


def _group_state(group: Group) -> GroupState:
    return {
        "key": group.key, "route": group.route, "due_ms": group.due_ms, "told_ms": group.told_ms,
        "first_told_ms": group.first_told_ms, "step": group.step, "count": group.count,
    }  # fmt: skip


def _member_state(group: Group, mark: str) -> MemberState:
    alert = group.alerts[mark]
    return {
        "group": group.key, "fingerprint": mark, "labels": alert.labels, "since_ms": alert.since_ms,
        "ended_ms": alert.ended_ms, "last_ms": alert.last_ms, "summary": alert.summary,
        "told": mark in group.told, "acknowledged": group.acknowledged.get(mark, ""),
    }  # fmt: skip
