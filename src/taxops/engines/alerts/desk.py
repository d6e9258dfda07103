"""The desk (告警台): takes signals, decides notices. Deterministic, no clock, no I/O; its whole state is its book.

A restart loads the book and goes on: what was told is remembered by group, so nothing is told twice and nothing is
taken for recovered because it was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from .book import Book, Changes
from .groups import Delivery, Reason
from .groups import Group as _Group
from .inhibiting import Bucket, Settled, settle
from .matching import all_hold, bounded, fingerprint
from .model import Alert, Signal
from .plan import Inhibition, Plan, Route, Silence

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
        self._book = Book()
        self._silences: dict[str, Silence] = {}
        self._sources: dict[Bucket, set[str]] = {}
        self._between: dict[str, list[Bucket]] = {}  # sources that are targets too: the middle of chains
        self._settled: Settled | None = Settled()  # None: to be found again
        self._hits: dict[str, tuple[Silence, ...]] = {}  # which silences match a fingerprint, found once

    # ------------------------------------------------------------ what comes in

    def receive(self, signal: Signal, mark: str = "") -> str:
        """Take a signal and return the fingerprint; a signal older than the last one of its kind is ignored.

        Args:
            signal: what broke or recovered.
            mark: the fingerprint, when the caller leaves labels out of it that may change meanwhile.
        """
        mark = mark or fingerprint(signal.labels)
        known = self._book.known(mark)
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

    def _fire(self, mark: str, known: Alert | None, signal: Signal) -> None:
        if known is not None:
            known.last_ms = max(known.last_ms, signal.at_ms)
            known.summary = signal.summary or known.summary
            self._book.touch_alert(mark)
            if known.ended_ms is not None:  # it came back before its end was told: one and the same problem
                known.ended_ms = None
                self._note_source(known)
                self._wake(mark, signal.at_ms)
            return
        alert = Alert(mark, dict(signal.labels), signal.at_ms, None, signal.at_ms, signal.summary)
        for route in self._routes(signal.labels, signal.at_ms):
            key = group_key(route, signal.labels)
            group = self._book.groups.get(key)
            if group is None:
                group = self._book.open(key, route.name, signal.at_ms + route.wait_s * 1000)
            self._book.join(group, alert)
            self._hurry(group, route, signal.at_ms)
        self._note_source(alert)

    def _routes(self, labels: Mapping[str, str], at_ms: int) -> list[Route]:
        found: list[Route] = []

        def visit(route: Route) -> bool:
            if route.times and not any(self.is_open(name, at_ms) for name in route.times):
                return False
            taken = False
            for child in route.children:
                if all_hold(child.matchers, labels) and visit(child):
                    taken = True
                    if not child.goes_on:
                        break
            if not taken:
                found.append(route)
            return True

        if all_hold(self.plan.route.matchers, labels):
            visit(self.plan.route)
        return found or [self.plan.route]

    def silence(self, silence: Silence) -> None:
        """Put a silence in force, or replace the one with its id (an end in the past lifts it)."""
        self._silences[silence.id] = silence
        self._hits.clear()

    def acknowledge(self, group: str, who: str) -> bool:
        """Note that somebody has taken a group; its repeats and escalations stop until something new joins it."""
        found = self._book.groups.get(group)
        if found is None:
            return False
        for mark in [m for m, a in found.alerts.items() if a.ended_ms is None]:
            self._book.acknowledge(found, mark, who)
        return True

    def acknowledge_alert(self, mark: str, who: str) -> bool:
        """Note that somebody has taken one alert, in every group that tells it; False when it is not open."""
        known = self._book.known(mark)
        if known is None or known.ended_ms is not None:
            return False
        for key in self._book.places[mark]:
            self._book.acknowledge(self._book.groups[key], mark, who)
        return True

    # ------------------------------------------------------------ who keeps quiet

    def _keys_as_source(self, alert: Alert) -> Iterable[Bucket]:
        for number, rule in enumerate(self.plan.inhibitions):
            if rule.is_source(alert.labels):
                yield number, rule.key(alert.labels)

    def _note_source(self, alert: Alert) -> None:
        keys = list(self._keys_as_source(alert))
        if not keys:
            return
        for key in keys:
            self._sources.setdefault(key, set()).add(alert.fingerprint)
        if behind := [key for key, _ in self._keys_as_target(alert)]:
            self._between[alert.fingerprint] = behind
        self._unsettle()

    def _forget_source(self, alert: Alert) -> None:
        for key in self._keys_as_source(alert):
            self._sources.get(key, set()).discard(alert.fingerprint)
        self._between.pop(alert.fingerprint, None)
        self._unsettle()

    def _unsettle(self) -> None:
        """Chains may have changed; without any, nothing is quiet that keeps others so."""
        self._settled = None if self._between else Settled()

    def _keys_as_target(self, alert: Alert) -> Iterator[tuple[Bucket, Inhibition]]:
        for number, rule in enumerate(self.plan.inhibitions):
            if rule.is_target(alert.labels):
                yield (number, rule.key(alert.labels)), rule

    def _inhibitors(self, alert: Alert) -> Iterator[Inhibition]:
        """Go through the inhibitions that keep an alert quiet now: by an alert that is heard itself."""
        for key, rule in self._keys_as_target(alert):
            sources = self._sources.get(key)
            if not sources:
                continue
            if self._settled is None:
                self._settled = settle(self._sources, self._between)
            if self._settled.is_held(sources, alert.fingerprint):
                yield rule

    def quiet_because(self, alert: Alert, now_ms: int, route: Route | None = None) -> str | None:
        """Return why the alert is not told at `now`, in Chinese; None when it is. A route may hold it back."""
        for rule in self._inhibitors(alert):
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
        known = self._book.known(mark)
        if known is None:
            return
        self._forget_source(known)
        for key in tuple(self._book.places[mark]):
            self._book.leave(self._book.groups[key], mark)
        self._hits.pop(mark, None)

    def routes_of(self, labels: Mapping[str, str], at_ms: int) -> list[Route]:
        """Return the routes that would take these labels at an instant; never none."""
        return self._routes(labels, at_ms)

    def last_of(self, mark: str) -> int:
        """Return the time of the newest signal taken of an alert; 0 when it is not known."""
        known = self._book.known(mark)
        return 0 if known is None else known.last_ms

    def groups_of(self, mark: str) -> tuple[str, ...]:
        """Return the keys of the groups that an alert is told in; none when it is not known."""
        return tuple(self._book.places.get(mark, ()))

    # ------------------------------------------------------------ what goes out

    def advance(self, now_ms: int) -> list[Delivery]:
        """Return the notices that are due at `now`; asking twice gives nothing the second time."""
        sent: list[Delivery] = []
        while (group := self._book.pop_due(now_ms)) is not None:
            sent.extend(self._tell(group, now_ms))
        if any(s.ends_ms <= now_ms for s in self._silences.values()):
            self._silences = {i: s for i, s in self._silences.items() if s.ends_ms > now_ms}
            self._hits.clear()
        return sent

    def next_ms(self) -> int | None:
        """Return when `advance` has something to look at; None when nothing is open."""
        return self._book.next_ms()

    def _tell(self, group: _Group, now_ms: int) -> list[Delivery]:
        route = self.plan.routes.get(group.route, self.plan.route)
        firing = {m: a for m, a in group.alerts.items() if a.ended_ms is None}
        loud = {m: a for m, a in firing.items() if not self.quiet_because(a, now_ms, route)}
        ended = [
            a
            for m, a in group.alerts.items()
            if a.ended_ms is not None and m in group.told and not any(r.ends for r in self._inhibitors(a))
        ]
        open_ = set(loud) - set(group.acknowledged)
        sent: list[Delivery] = []
        fresh = set(loud) - group.told
        if fresh:
            sent.append(self._delivery(group, route, Reason.NEW, route.receivers, loud, ended, now_ms, fresh))
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
            # Told before and quiet now: its end will still be told.
            self._book.tell(group, set(loud) | (group.told & set(firing)))
        for step in route.steps[group.step :]:
            if not (open_ and group.first_told_ms and now_ms - group.first_told_ms >= step.after_s * 1000):
                break
            group.step += 1
            sent.append(self._delivery(group, route, Reason.ESCALATION, step.receivers, loud, [], now_ms))
        for mark in [m for m, a in group.alerts.items() if a.ended_ms is not None]:
            self._book.leave(group, mark)  # its end needs no more telling
            self._hits.pop(mark, None)
        if group.alerts:
            self._book.appoint(group, self._next_look(group, route, now_ms, open_, len(firing) - len(loud)))
        return sent

    def _delivery(
        self, group: _Group, route: Route, reason: Reason, receivers: tuple[str, ...],
        loud: Mapping[str, Alert], ended: Iterable[Alert], now_ms: int, fresh: Iterable[str] = (),
    ) -> Delivery:  # fmt: skip
        group.count += 1
        opened = min(a.since_ms for a in group.alerts.values())
        firing = tuple(sorted(loud.values(), key=lambda a: (a.since_ms, a.fingerprint)))
        return Delivery(
            f"{group.key}\x1e{opened}\x1e{group.count}", group.key, route.name, reason, receivers,
            tuple(_copy(a) for a in firing), tuple(_copy(a) for a in ended), now_ms,
            frozenset(fresh),
        )  # fmt: skip

    def _next_look(self, group: _Group, route: Route, now_ms: int, open_: set[str], quiet: int) -> int:
        """Return when time alone may make something to tell of a group, if nothing happens to it before.

        What is kept quiet is looked at each interval, since silences, calendars and sources end. What everybody
        knows is left alone until it is to be repeated or escalated: a thousand known problems cost nothing.
        """
        times = [now_ms + route.repeat_s * 1000]
        if quiet:
            times.append(now_ms + route.interval_s * 1000)
        if open_ and group.told:
            times.append(group.told_ms + route.repeat_s * 1000)
        if open_ and group.first_told_ms and group.step < len(route.steps):
            times.append(group.first_told_ms + route.steps[group.step].after_s * 1000)
        return max(now_ms + 1, min(times))

    def _hurry(self, group: _Group, route: Route, now_ms: int) -> None:
        """Something happened to a group: look at it as soon as the interval since its last notice allows."""
        if not group.count:
            return  # the first notice is already appointed, `wait_s` after the first alert
        due = max(now_ms, group.told_ms + route.interval_s * 1000)
        if due < group.due_ms or group.due_ms <= now_ms:
            self._book.appoint(group, due)

    def _wake(self, mark: str, at_ms: int) -> None:
        """An alert changed: look at its groups at their next interval."""
        self._book.touch_alert(mark)
        for key in self._book.places.get(mark, ()):
            group = self._book.groups[key]
            self._hurry(group, self.plan.routes.get(group.route, self.plan.route), at_ms)

    # ------------------------------------------------------------ across restarts and processes

    def take_changes(self) -> Changes:
        """Return what changed since last asked: writing this, and nothing else, keeps a store to `load` from."""
        return self._book.take_changes()

    def whole(self) -> Changes:
        """Return the whole state."""
        return self._book.whole()

    def merge(self, changes: Changes) -> None:
        """Take over what another process has decided with its copy of this desk."""
        for _, mark in changes.members:
            if (known := self._book.known(mark)) is not None:
                self._forget_source(known)
                self._hits.pop(mark, None)
        for mark in self._book.merge(changes):
            if (known := self._book.known(mark)) is not None and known.ended_ms is None:
                self._note_source(known)

    def review(self, now_ms: int) -> None:
        """The plan is another one: look at every group that was told, no sooner than its interval allows."""
        for group in self._book.groups.values():
            self._hurry(group, self.plan.routes.get(group.route, self.plan.route), now_ms)

    @classmethod
    def load(cls, changes: Changes, plan: Plan, is_open: IsOpen = lambda _n, _a: True) -> Desk:
        """Return a desk that goes on where another left off; silences are put in force again by the caller."""
        desk = cls(plan, is_open)
        desk.merge(changes)
        return desk


def group_key(route: Route, labels: Mapping[str, str]) -> str:
    """Return the key of the group that these labels are told in by a route (分组键), at most 200 characters.

    What has none of the labels that groups are made by, such as an event of an unknown system, is grouped by
    where it comes from, lest all that nobody can place become one heap.
    """
    by = route.group_by if any(labels.get(name) for name in route.group_by) else route.else_by
    values = "\x1f".join(f"{name}={labels.get(name, '')}" for name in by or route.group_by)
    return bounded(f"{route.name}\x1e{values}", 200)


def _copy(alert: Alert) -> Alert:
    return Alert(
        alert.fingerprint, dict(alert.labels), alert.since_ms, alert.ended_ms, alert.last_ms, alert.summary
    )
