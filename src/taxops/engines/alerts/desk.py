"""The desk (告警台): takes signals, decides notices. Deterministic, no clock, no I/O; its whole state is JSON.

A restart loads the state and goes on: what was told is remembered by group, so nothing is told twice and nothing is
taken for recovered because it was forgotten.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from .groups import Delivery, Reason
from .groups import Group as _Group
from .matching import all_hold, fingerprint
from .model import Alert, Signal
from .plan import Plan, Route, Silence

IsOpen = Callable[[str, int], bool]
"""Tells whether the named calendar is open at an instant (milliseconds)."""


class Desk:
    """Decides who is told what and when.

    Args:
        plan: routes and inhibitions.
        is_open: answers for the calendars that routes name.
    """

    def __init__(self, plan: Plan, is_open: IsOpen = lambda _name, _at: True) -> None:
        self.plan = plan
        self.is_open = is_open
        self._groups: dict[str, _Group] = {}
        self._of: dict[str, list[str]] = {}  # fingerprint -> group keys
        self._silences: dict[str, Silence] = {}
        self._sources: dict[tuple[int, tuple[str, ...]], set[str]] = {}
        self._due: list[tuple[int, str]] = []
        self._touched: set[str] = set()
        self._hits: dict[str, tuple[Silence, ...]] = {}  # which silences match a fingerprint, found once

    # ------------------------------------------------------------ what comes in

    def receive(self, signal: Signal, mark: str = "") -> str:
        """Take a signal and return the fingerprint; a signal older than the last one of its kind is ignored.

        Args:
            signal: what broke or recovered.
            mark: the fingerprint, when the caller leaves labels out of it that may change meanwhile.
        """
        mark = mark or fingerprint(signal.labels)
        known = self._known(mark)
        if known is not None and signal.at_ms <= known.last_ms and (known.ended_ms is None) != signal.firing:
            return mark
        if signal.firing:
            self._fire(mark, known, signal)
        elif known is not None and known.ended_ms is None:
            known.ended_ms, known.last_ms = signal.at_ms, signal.at_ms
            known.summary = signal.summary or known.summary
            self._forget_source(known)
            self._wake(mark, signal.at_ms)
        return mark

    def _known(self, mark: str) -> Alert | None:
        keys = self._of.get(mark)
        return self._groups[keys[0]].alerts[mark] if keys else None

    def _fire(self, mark: str, known: Alert | None, signal: Signal) -> None:
        if known is not None:
            known.last_ms = max(known.last_ms, signal.at_ms)
            self._touched.update(self._of[mark])
            known.summary = signal.summary or known.summary
            if known.ended_ms is not None:  # it came back before its end was told: one and the same problem
                known.ended_ms = None
                self._note_source(known)
                self._wake(mark, signal.at_ms)
            return
        alert = Alert(mark, dict(signal.labels), signal.at_ms, None, signal.at_ms, signal.summary)
        for route in self._routes(signal.labels, signal.at_ms):
            values = "\x1f".join(f"{name}={signal.labels.get(name, '')}" for name in route.group_by)
            key = f"{route.name}\x1e{values}"
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = _Group(key, route.name, due_ms=signal.at_ms + route.wait_s * 1000)
                heapq.heappush(self._due, (group.due_ms, key))
            group.alerts[mark] = alert
            self._touched.add(key)
            self._of.setdefault(mark, []).append(key)
            self._schedule(group, route, signal.at_ms)
        self._note_source(alert)

    def _routes(self, labels: Mapping[str, str], at_ms: int) -> list[Route]:
        found: list[Route] = []

        def visit(route: Route) -> bool:
            if not all_hold(route.matchers, labels):
                return False
            if route.times and not any(self.is_open(name, at_ms) for name in route.times):
                return False
            taken = False
            for child in route.children:
                if visit(child):
                    taken = True
                    if not child.goes_on:
                        break
            if not taken:
                found.append(route)
            return True

        visit(self.plan.route)
        return found or [self.plan.route]

    def silence(self, silence: Silence) -> None:
        """Put a silence in force, or replace the one with its id (an end in the past lifts it)."""
        self._silences[silence.id] = silence
        self._hits.clear()

    def acknowledge(self, group: str, who: str) -> bool:
        """Note that somebody has taken a group; its repeats and escalations stop until something new joins it."""
        found = self._groups.get(group)
        if found is None:
            return False
        found.acknowledged.update({mark: who for mark, a in found.alerts.items() if a.ended_ms is None})
        self._touched.add(group)
        return True

    def acknowledge_alert(self, mark: str, who: str) -> bool:
        """Note that somebody has taken one alert, in every group that tells it; False when it is not open."""
        known = self._known(mark)
        if known is None or known.ended_ms is not None:
            return False
        for key in self._of[mark]:
            self._groups[key].acknowledged[mark] = who
            self._touched.add(key)
        return True

    # ------------------------------------------------------------ who keeps quiet

    def _keys_as_source(self, alert: Alert) -> Iterable[tuple[int, tuple[str, ...]]]:
        for number, rule in enumerate(self.plan.inhibitions):
            if rule.is_source(alert.labels):
                yield number, rule.key(alert.labels)

    def _note_source(self, alert: Alert) -> None:
        for key in self._keys_as_source(alert):
            self._sources.setdefault(key, set()).add(alert.fingerprint)

    def _forget_source(self, alert: Alert) -> None:
        for key in self._keys_as_source(alert):
            self._sources.get(key, set()).discard(alert.fingerprint)

    def quiet_because(self, alert: Alert, now_ms: int, route: Route | None = None) -> str | None:
        """Return why the alert is not told at `now`, in Chinese; None when it is. A route may hold it back."""
        for number, rule in enumerate(self.plan.inhibitions):
            if rule.is_target(alert.labels):
                key = (number, rule.key(alert.labels))
                if self._sources.get(key, set()) - {alert.fingerprint}:
                    return rule.reason or "上游已中断，本告警被抑制"
        for silence in self._silences_of(alert):
            if silence.starts_ms <= now_ms < silence.ends_ms:
                return f"{silence.who} 静默：{silence.why}"
        if route is not None and route.hold and alert.labels.get("severity", "") not in route.urgent:
            return None if self.is_open(route.hold, now_ms) else "非紧急告警，等工作时间开始后再通知"
        return None

    def _silences_of(self, alert: Alert) -> tuple[Silence, ...]:
        """Return the silences whose matchers hold; labels never change, so that each alert is matched once."""
        found = self._hits.get(alert.fingerprint)
        if found is None:
            found = tuple(s for s in self._silences.values() if all_hold(s.matchers, alert.labels))
            self._hits[alert.fingerprint] = found
        return found

    def forget(self, mark: str) -> None:
        """Let go of an alert without telling its end: it will come again under other labels."""
        known = self._known(mark)
        if known is None:
            return
        self._forget_source(known)
        for key in self._of.pop(mark):
            group = self._groups[key]
            del group.alerts[mark]
            group.told.discard(mark)
            group.acknowledged.pop(mark, None)
            self._touched.add(key)
            if not group.alerts:
                del self._groups[key]
        self._hits.pop(mark, None)

    def routes_of(self, labels: Mapping[str, str], at_ms: int) -> list[Route]:
        """Return the routes that would take these labels at an instant; never none."""
        return self._routes(labels, at_ms)

    def last_of(self, mark: str) -> int:
        """Return the time of the newest signal taken of an alert; 0 when it is not known."""
        known = self._known(mark)
        return 0 if known is None else known.last_ms

    def groups_of(self, mark: str) -> tuple[str, ...]:
        """Return the keys of the groups that an alert is told in; none when it is not known."""
        return tuple(self._of.get(mark, ()))

    # ------------------------------------------------------------ what goes out

    def advance(self, now_ms: int) -> list[Delivery]:
        """Return the notices that are due at `now`; asking twice gives nothing the second time."""
        sent: list[Delivery] = []
        while self._due and self._due[0][0] <= now_ms:
            due, key = heapq.heappop(self._due)
            group = self._groups.get(key)
            if group is None or group.due_ms != due:
                continue  # an older appointment of a group that was moved or closed
            sent.extend(self._tell(group, now_ms))
        if any(s.ends_ms <= now_ms for s in self._silences.values()):
            self._silences = {i: s for i, s in self._silences.items() if s.ends_ms > now_ms}
            self._hits.clear()
        return sent

    def next_ms(self) -> int | None:
        """Return when `advance` has something to look at; None when nothing is open."""
        return self._due[0][0] if self._due else None

    def _tell(self, group: _Group, now_ms: int) -> list[Delivery]:
        route = self.plan.routes.get(group.route, self.plan.route)
        loud = {
            m: a
            for m, a in group.alerts.items()
            if a.ended_ms is None and not self.quiet_because(a, now_ms, route)
        }
        ended = [a for m, a in group.alerts.items() if a.ended_ms is not None and m in group.told]
        open_ = set(loud) - set(group.acknowledged)
        sent: list[Delivery] = []
        if set(loud) - group.told:
            sent.append(self._delivery(group, route, Reason.NEW, route.receivers, loud, ended, now_ms))
        elif ended:
            climbed = tuple(who for step in route.steps[: group.step] for who in step.receivers)
            told = tuple(dict.fromkeys((*route.receivers, *climbed)))  # whoever was woken hears of the end
            sent.append(self._delivery(group, route, Reason.RESOLVED, told, loud, ended, now_ms))
        elif open_ and group.told and now_ms - group.told_ms >= route.repeat_s * 1000:
            sent.append(self._delivery(group, route, Reason.REPEAT, route.receivers, loud, [], now_ms))
        if sent:
            group.told_ms = now_ms
            if loud and not group.first_told_ms:
                group.first_told_ms = now_ms
            quiet = {m for m in group.told if m in group.alerts and group.alerts[m].ended_ms is None}
            group.told = set(loud) | quiet  # told before and quiet now: its end will still be told
        for step in route.steps[group.step :]:
            if not (open_ and group.first_told_ms and now_ms - group.first_told_ms >= step.after_s * 1000):
                break
            group.step += 1
            sent.append(self._delivery(group, route, Reason.ESCALATION, step.receivers, loud, [], now_ms))
        self._tidy(group, route, now_ms)
        return sent

    def _delivery(
        self, group: _Group, route: Route, reason: Reason, receivers: tuple[str, ...],
        loud: Mapping[str, Alert], ended: Iterable[Alert], now_ms: int,
    ) -> Delivery:  # fmt: skip
        group.count += 1
        self._touched.add(group.key)
        opened = min(a.since_ms for a in group.alerts.values())
        firing = tuple(sorted(loud.values(), key=lambda a: (a.since_ms, a.fingerprint)))
        return Delivery(
            f"{group.key}\x1e{opened}\x1e{group.count}", group.key, route.name, reason, receivers,
            tuple(_copy(a) for a in firing), tuple(_copy(a) for a in ended), now_ms,
        )  # fmt: skip

    def _tidy(self, group: _Group, route: Route, now_ms: int) -> None:
        """Drop alerts whose end needs no more telling; close the group or make its next appointment."""
        for mark in [m for m, a in group.alerts.items() if a.ended_ms is not None]:
            group.told.discard(mark)
            group.acknowledged.pop(mark, None)
            del group.alerts[mark]
            self._touched.add(group.key)
            self._hits.pop(mark, None)
            keys = self._of[mark]
            keys.remove(group.key)
            if not keys:
                del self._of[mark]
        if not group.alerts:
            del self._groups[group.key]
            return
        self._schedule(group, route, now_ms, told=True)

    def _schedule(self, group: _Group, route: Route, now_ms: int, *, told: bool = False) -> None:
        """Make the group's next appointment: the earliest of interval, repeat and escalation that can matter."""
        if not told:
            if not group.count:
                return  # the first notice is already appointed, `wait_s` after the first alert
            due = max(now_ms, group.told_ms + route.interval_s * 1000)
        else:
            due = now_ms + route.interval_s * 1000
            if group.first_told_ms and group.step < len(route.steps):
                due = min(due, max(now_ms + 1, group.first_told_ms + route.steps[group.step].after_s * 1000))
        if told or due < group.due_ms or group.due_ms <= now_ms:
            group.due_ms = due
            heapq.heappush(self._due, (due, group.key))

    def _wake(self, mark: str, at_ms: int) -> None:
        """An alert of these groups changed: look at them at their next interval."""
        for key in self._of.get(mark, ()):
            group = self._groups[key]
            self._touched.add(key)
            self._schedule(group, self.plan.routes.get(group.route, self.plan.route), at_ms)

    # ------------------------------------------------------------ across a restart

    def dump(self) -> dict[str, Any]:
        """Return the whole state as JSON-ready data."""
        alerts = {m: asdict(self._groups[keys[0]].alerts[m]) for m, keys in self._of.items()}
        return {"alerts": alerts, "groups": [self._state(group) for group in self._groups.values()]}

    def take_changes(self) -> dict[str, dict[str, Any] | None]:
        """Return the groups whose state changed since last asked, each as a dump of its own; None: it is closed.

        Writing these, and nothing else, keeps a store that `load` goes on from.
        """
        changed: dict[str, dict[str, Any] | None] = {}
        for key in sorted(self._touched):
            group = self._groups.get(key)
            changed[key] = (
                None
                if group is None
                else {
                    "alerts": {m: asdict(a) for m, a in group.alerts.items()},
                    "groups": [self._state(group)],
                }
            )
        self._touched.clear()
        return changed

    @staticmethod
    def _state(group: _Group) -> dict[str, Any]:
        return {
            "key": group.key, "route": group.route, "alerts": list(group.alerts), "due_ms": group.due_ms,
            "told": sorted(group.told), "told_ms": group.told_ms, "first_told_ms": group.first_told_ms,
            "acknowledged": group.acknowledged, "step": group.step, "count": group.count,
        }  # fmt: skip

    @classmethod
    def load(cls, data: Mapping[str, Any], plan: Plan, is_open: IsOpen = lambda _n, _a: True) -> Desk:
        """Return a desk that goes on where a dump left off; silences are put in force again by the caller."""
        desk = cls(plan, is_open)
        alerts = {m: Alert(**fields) for m, fields in data["alerts"].items()}
        for item in data["groups"]:
            marks = item["alerts"]
            group = _Group(**{**item, "told": set(item["told"]), "alerts": {m: alerts[m] for m in marks}})
            desk._groups[group.key] = group
            heapq.heappush(desk._due, (group.due_ms, group.key))
            for mark in marks:
                desk._of.setdefault(mark, []).append(group.key)
        for alert in alerts.values():
            if alert.ended_ms is None:
                desk._note_source(alert)
        return desk


def _copy(alert: Alert) -> Alert:
    return Alert(
        alert.fingerprint, dict(alert.labels), alert.since_ms, alert.ended_ms, alert.last_ms, alert.summary
    )
