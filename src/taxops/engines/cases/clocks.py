"""Clocks of a case (事项时限): its history as a clock's events, replayed on working calendars.

A clock starts, stops and goes on with named steps; it pauses while the case waits for a listed reason; a
re-levelled case keeps what has elapsed and changes its target (and, if the new rule says so, its calendar).
A clock that a step renews begins anew with the next start: what is owed after a recovery is owed after the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.worktime import Clock, Policy, WorkCalendar, replay
from taxops.engines.worktime import Event as Tick
from taxops.engines.worktime import State as ClockState

from .folding import in_order
from .model import PICK_UP, CaseType, ClockRule, ClockSpec, Event, Phase, Rung
from .values import meets

Calendars = Callable[[str], WorkCalendar]
DAY = 86400
OFFSET = 8 * 3600
_FOREVER = 1 << 60
_STOPPED = ClockState.STOPPED


@dataclass(frozen=True, slots=True)
class Face:
    """A clock as it stands (时限现状).

    Args:
        target_seconds: working seconds allowed, after re-levelling and approved deadlines.
        deadline: UTC seconds at which the limit is or was reached; None while paused or stopped before it.
        started_at: when it started.
        paused_for: code of the reason it waits for.
        problem: why it cannot be computed (a calendar without next year); then the figures are zero.
        inner: an agreement among ourselves (内部约定); going over it is not the contract's 超时.
    """

    code: str
    label: str
    state: ClockState
    elapsed_seconds: int
    target_seconds: int
    strict: bool
    calendar: str
    breached: bool
    deadline: int | None
    started_at: int
    paused_for: str = ""
    problem: str = ""
    source: str = ""
    inner: bool = False

    @property
    def part(self) -> float:
        """How much of the limit is used (已用比例); 1.0 at the limit."""
        return self.elapsed_seconds / self.target_seconds if self.target_seconds else 0.0

    @property
    def tone(self) -> str:
        """The one colour of clocks everywhere (时限颜色): fine, near (80 %), over, paused, met, unknown."""
        if self.problem:
            return "unknown"
        if self.breached:
            return "over"
        if self.state is ClockState.STOPPED:
            return "met"
        if self.state is ClockState.PAUSED:
            return "paused"
        return "near" if self.part >= 0.8 else "fine"


@dataclass(frozen=True, slots=True)
class Due:
    """An escalation that comes or came due (升级时刻): at this part of this clock these are to be told."""

    clock: str
    percent: int
    to: str
    at: int


@dataclass(slots=True)
class _Track:
    """What a history says to one clock: ticks, calendars in force from instants on, the rule at the end.

    `ended`: a step renewed the clock, the next start makes another; `over`: an earlier one was breached.
    """

    ticks: list[Tick]
    calendars: list[tuple[int, str]]
    rule: ClockRule
    first: ClockRule
    started_at: int
    waits: str = ""
    over: bool = False
    ended: bool = False


def _rule(spec: ClockSpec, data: dict[str, Any]) -> ClockRule | None:
    return next((rule for rule in spec.rules if all(meets(c, data) for c in rule.when)), None)


def _step(event: Event) -> str:
    """Return the step that an event is for a clock; empty when it is none."""
    if event.kind == "open":
        return "open"
    if event.kind == "assign" and event.actor_id is not None and event.data.get("to") == event.actor_id:
        return PICK_UP
    return str(event.data.get("step", "")) if event.kind == "move" else ""


def _midnight(at: int) -> int:
    """Return the start of the next day in China."""
    return (((at + OFFSET) // DAY) + 1) * DAY - OFFSET


def _track(kind: CaseType, spec: ClockSpec, events: Iterable[Event], calendars: Calendars) -> _Track | None:  # noqa: C901
    """Return the clock's own events, or None when it has not started or no limit applies."""
    data: dict[str, Any] = {}
    track: _Track | None = None
    rule: ClockRule | None = None
    pauses: list[tuple[int, int]] = []
    paused_at: int | None = None
    floor = 0
    for event in in_order(events):
        said = event.data
        data.update(said.get("form", {}))
        at = max(event.at, floor)
        step = _step(event)
        new = _rule(spec, data)
        if track is None or (track.ended and step in spec.starts):
            if step in spec.starts and new is not None:
                begun = event.entered_at if spec.from_entry else event.at
                floor = at = _midnight(begun) if spec.begins_next_day else begun
                over = track is not None and track.over
                track = _Track([(at, "start", None)], [(at, new.calendar)], new, new, begun, over=over)
                rule, pauses, paused_at = new, [], None
            continue
        if new is not None and rule is not None and new != rule:
            if new.target_seconds != rule.target_seconds:
                track.ticks.append((at, "target", new.target_seconds))
            if new.calendar != rule.calendar:
                track.calendars.append((at, new.calendar))
            rule = track.rule = new
        if step == PICK_UP and step in spec.stops:
            track.ticks.append((at, "stop", None))
        if event.kind != "move":
            continue
        if step in spec.renews and not track.ended:
            track.ended = True
            waits = [] if paused_at is None else [(paused_at, _FOREVER)]
            track.over = track.over or _closing(track, [*pauses, *waits], calendars, at)
            track.ticks.append((at, "stop", None))
            continue
        phase = kind.states[said["to"]].phase if said["to"] in kind.states else None
        waiting = phase is Phase.WAITING
        reason = str(data.get("wait_reason", ""))
        if paused_at is not None and not (waiting and reason in spec.reasons):
            pauses.append((paused_at, at))
            paused_at, track.waits = None, ""
        elif paused_at is None and waiting and reason in spec.reasons:
            paused_at, track.waits = at, reason
        if said.get("effect") == "correct" and data.get("clock") == spec.code and spec.reasons:
            pauses.append((max(int(data["pause_from"]), floor), max(int(data["pause_to"]), floor)))
        if step in spec.stops or phase is Phase.CLOSED:
            track.ticks.append((at, "stop", None))
        if step in spec.resumes or (step in spec.starts and said.get("reopens")):
            track.ticks.append((at, "reopen", None))
        if said.get("effect") == "deadline" and data.get("clock") == spec.code:
            track.ticks.append((at, "deadline", int(data["deadline_at"])))
    if track is None:
        return None
    if paused_at is not None:
        pauses.append((paused_at, _FOREVER))
    _weave(track, pauses)
    _settle(track, calendars)
    return track


def _closing(track: _Track, pauses: list[tuple[int, int]], calendars: Calendars, at: int) -> bool:
    """Return whether a clock that is renewed at an instant had been breached by then: that stays."""
    past = _Track([*track.ticks], [*track.calendars], track.rule, track.first, track.started_at)
    _weave(past, pauses)
    _settle(past, calendars)
    return at >= past.ticks[0][0] and _run(past.ticks, past, calendars, now=at, scale=100).breached


def _weave(track: _Track, pauses: list[tuple[int, int]]) -> None:
    """Put the pauses, joined where they overlap, among the other ticks; a pause goes behind what it shares an
    instant with, so that a clock that starts and waits at once is started first."""
    joined: list[list[int]] = []
    for start, end in sorted(pauses):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        elif end > start:
            joined.append([start, end])
    for start, end in joined:
        track.ticks.append((start, "pause", None))
        if end < _FOREVER:
            track.ticks.append((end, "resume", None))
    order = {"start": 0, "reopen": 1, "target": 2, "deadline": 2, "resume": 3, "pause": 4, "stop": 5}
    track.ticks.sort(key=lambda tick: (tick[0], order[tick[1]]))


def _settle(track: _Track, calendars: Calendars) -> None:
    """Turn approved deadlines into targets: what has elapsed by then plus the open time up to the deadline."""
    for number, (at, what, arg) in enumerate(track.ticks):
        if what != "deadline" or arg is None:
            continue
        before = _run(track.ticks[:number], track, calendars, now=at, scale=100)
        name = [name for since, name in track.calendars if since <= at][-1]
        left = calendars(name).measure(at, arg)
        track.ticks[number] = (at, "target", max(1, before.elapsed_seconds + left))


def _run(ticks: Sequence[Tick], track: _Track, calendars: Calendars, *, now: int, scale: int) -> Clock:
    """Replay the ticks stage by stage: one stage for each calendar; `scale` percent of every target."""

    def part(seconds: int) -> int:
        return -(-seconds * scale // 100)

    strict = track.rule.strict
    scaled = [(at, what, part(arg) if arg is not None else None) for at, what, arg in ticks]
    stages = [stage for stage in track.calendars if stage[0] <= now]
    if len(stages) <= 1:
        calendar = calendars(track.calendars[0][1])
        return replay(scaled, Policy(part(track.first.target_seconds), strict), calendar, now)
    elapsed, breached, reached, state = 0, False, None, ClockState.RUNNING
    goal = part(track.first.target_seconds)
    for number, (since, name) in enumerate(stages):
        until = stages[number + 1][0] if number + 1 < len(stages) else None
        inside = [t for t in scaled if t[0] >= since and (until is None or t[0] < until)]
        if number:
            head: list[Tick] = [(since, "start", None)]
            if state is not ClockState.RUNNING:
                head.append((since, "pause" if state is ClockState.PAUSED else "stop", None))
            inside = [*head, *(t for t in inside if t[1] != "start")]
        for at, what, arg in inside:
            if what == "target" and arg is not None and at == since:
                goal = arg
        left = goal - elapsed
        local = [
            (at, what, max(1, arg - elapsed) if what == "target" and arg is not None else arg)
            for at, what, arg in inside
            if not (what == "target" and at == since)
        ]
        clock = replay(local, Policy(max(left, 1), strict), calendars(name), now if until is None else until)
        if left <= 0:
            breached = breached or left < 0 or strict
            reached = since if reached is None else reached
        else:
            breached = breached or clock.breached
            reached = clock.deadline if until is None or clock.breached else None
        goal = next((arg for _, what, arg in reversed(inside) if what == "target" and arg), goal)
        elapsed, state = elapsed + clock.elapsed_seconds, clock.state
    return Clock(elapsed, state, breached, reached)


def _target(track: _Track, now: int) -> int:
    return next(
        (arg for at, what, arg in reversed(track.ticks) if what == "target" and arg and at <= now),
        track.first.target_seconds,
    )


def face(
    kind: CaseType, spec: ClockSpec, events: Sequence[Event], calendars: Calendars, now: int
) -> Face | None:
    """Return one clock of a case at `now`, or None when it has not started by then.

    A calendar that cannot say (an unknown year) does not stop anything: the face carries the problem.
    """
    known = [event for event in events if event.at <= now]
    rule = None
    try:
        track = _track(kind, spec, known, calendars)
        if track is None:
            return None
        rule = track.first
        if track.ticks[0][0] > now:  # begins tomorrow
            stopped = any(what == "stop" for _, what, _ in track.ticks)
            running = ClockState.STOPPED if stopped else ClockState.RUNNING
            due = None if stopped else calendars(rule.calendar).add(track.ticks[0][0], rule.target_seconds)
            clock = Clock(0, running, False, due)
        else:
            clock = _run(track.ticks, track, calendars, now=now, scale=100)
    except BadInput as error:
        started = next((e.at for e in in_order(known)), now)
        limit = rule.target_seconds if rule else spec.rules[0].target_seconds
        name = rule.calendar if rule else spec.rules[0].calendar
        return Face(
            spec.code, spec.label, ClockState.RUNNING, 0, limit, False, name, False, None, started,
            problem=str(error), source=spec.source,
        )  # fmt: skip
    return Face(
        code=spec.code,
        label=spec.label,
        state=clock.state,
        elapsed_seconds=clock.elapsed_seconds,
        target_seconds=_target(track, now),
        strict=track.rule.strict,
        calendar=track.rule.calendar,
        breached=clock.breached or track.over,
        deadline=clock.deadline,
        started_at=track.started_at,
        paused_for=track.waits if clock.state is ClockState.PAUSED else "",
        source=spec.source,
        inner=spec.inner,
    )


def faces(kind: CaseType, events: Sequence[Event], calendars: Calendars, now: int) -> list[Face]:
    """Return the clocks of a case that have started by `now`, in the order of the type."""
    found = (face(kind, spec, events, calendars, now) for spec in kind.clocks)
    return [one for one in found if one is not None]


def escalations(kind: CaseType, events: Sequence[Event], calendars: Calendars, now: int) -> list[Due]:
    """Return when each rung of the ladder was or will be reached as things stand at `now` (升级时刻).

    Fractions are of working time: 50 % of two hours from 11:30 is 15:00 when lunch is closed. A clock that is
    paused or stopped reaches no further rung.
    """
    found: list[Due] = []
    known = [event for event in events if event.at <= now]
    for spec in kind.clocks:
        ladder = spec.ladder or kind.ladder
        if not spec.escalates or not ladder:
            continue
        try:
            track = _track(kind, spec, known, calendars)
            if track is None:
                continue
            if spec.ladder and _run(track.ticks, track, calendars, now=now, scale=100).state is _STOPPED:
                continue  # "nobody has taken it" is no longer true
            found += _rungs(track, ladder, spec.code, calendars, now)
        except BadInput:
            continue  # `faces` shows the calendar's problem; there is no instant to name
    return sorted(found, key=lambda due: (due.at, due.percent))


def _rungs(
    track: _Track,
    ladder: Sequence[Rung],
    code: str,
    calendars: Calendars,
    now: int,
) -> Iterable[Due]:
    at = max(now, track.ticks[0][0])
    for rung in ladder:
        clock = _run(track.ticks, track, calendars, now=at, scale=rung.percent)
        if clock.deadline is not None:
            yield Due(code, rung.percent, rung.to, clock.deadline)
