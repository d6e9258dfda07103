"""Clocks (时限): pure functions of (events, policy, calendar, now). Nothing is stored but a cache.

`strict` (小于) is breached as soon as the target is reached; otherwise (内, 不超过) only when it is exceeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taxops.engines.base import BadInput, Choices

from .workcalendar import WorkCalendar

Event = tuple[int, str, int | None]
"""`(at, kind, arg)`: at in UTC seconds; kind one of start, pause, resume, stop, reopen, target (arg: seconds)."""

KINDS = ("start", "pause", "resume", "stop", "reopen", "target")


class State(Choices):
    """Whether a clock runs (时限状态)."""

    RUNNING = "running", "计时中"
    PAUSED = "paused", "已暂停"
    STOPPED = "stopped", "已停止"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long and how strictly (时限规则).

    Args:
        target_seconds: working seconds allowed.
        strict: 小于 (True) or 内、不超过 (False).
        pausable: whether pauses count at all.
    """

    target_seconds: int
    strict: bool = False
    pausable: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """What the history says at `now` (时限结果).

    Args:
        elapsed_seconds: working seconds on the clock.
        state: running, paused or stopped.
        breached: whether the limit was broken, now or at any earlier moment under the target of that moment.
        deadline: the instant at which the limit is or was reached; None while it is not reached and the
            clock does not run.
    """

    elapsed_seconds: int
    state: State
    breached: bool
    deadline: int | None


def replay(  # noqa: C901  # one flat loop: calls would halve the replays a second
    events: Sequence[Event], policy: Policy, calendar: WorkCalendar, now: int
) -> Clock:
    """Return the clock at `now`; events after `now` have not happened yet.

    Events at one instant keep their order. Pausing twice, resuming what runs, stopping what is stopped change
    nothing, so that a doubled event is harmless.

    Raises:
        BadInput: no start, an unknown kind, a target that is not a positive number, events out of order.
    """
    target = policy.target_seconds
    strict = policy.strict
    pausable = policy.pausable
    measure = calendar.measure
    elapsed = 0
    never = -(1 << 62)
    since = never  # start of the running segment
    state: State | None = None
    breached = False
    reached: int | None = None  # when the current target was reached
    last = never

    for at, kind, arg in events:
        if at > now:
            break
        if at < last:
            raise BadInput("事件没有按时间先后排列，或结束早于开始。")
        last = at
        if since != never and kind != "resume" and kind != "start" and kind != "reopen":
            gained = measure(since, at)
            if reached is None and elapsed + gained >= target:
                reached = calendar.add(since, target - elapsed) if elapsed < target else since
            elapsed += gained
            since = at
            if elapsed > target or (strict and elapsed >= target):
                breached = True
        if kind == "pause":
            if pausable and state is State.RUNNING:
                state, since = State.PAUSED, never
        elif kind == "resume":
            if state is State.PAUSED:
                state, since = State.RUNNING, at
        elif kind == "stop":
            if state is not None:
                state, since = State.STOPPED, never
        elif kind == "start":
            if state is None:
                state, since = State.RUNNING, at
        elif kind == "reopen":
            if state is State.STOPPED:
                state, since = State.RUNNING, at
        elif kind == "target":
            if not isinstance(arg, int) or arg <= 0:
                raise BadInput("时限调整必须给出正的秒数。")
            target = arg
            reached = at if elapsed >= target else None
            if state is not None and (elapsed > target or (strict and elapsed >= target)):
                breached = True
        else:
            raise BadInput(f"不认识的时限事件「{kind}」。", f"可用的有：{'、'.join(KINDS)}。")
    if state is None:
        raise BadInput("时限没有开始事件。", "历史里至少要有一个不晚于当前时刻的 start。")
    if since != never:
        gained = measure(since, now)
        if reached is None:
            reached = calendar.add(since, target - elapsed)
        elapsed += gained
        if elapsed > target or (strict and elapsed >= target):
            breached = True
    return Clock(elapsed, state, breached, reached)
