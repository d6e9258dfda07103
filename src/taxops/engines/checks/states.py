"""Soft and hard states (软状态与硬状态): results in, phases and outages out; a pure step at a time.

OK goes to HARD_BAD over SOFT_BAD (异常待确认), after `confirm` bad results in a row; it comes back over
SOFT_GOOD (恢复待确认), after `recover` good ones. An outage (中断) is the half-open interval from the first
bad result of the confirming run to the first good result of the recovering run.

A result that is not newer than the last one is refused. Two sorts of result neither confirm nor clear: those of
a prober that was late itself (存疑), and `unknown` ones, which say nothing about the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from taxops.engines.base import Choices

from .model import Verdict


class Phase(Choices):
    """Where a check stands (检查阶段)."""

    PENDING = "pending", "未检查"
    OK = "ok", "正常"
    SOFT_BAD = "soft_bad", "异常待确认"
    HARD_BAD = "hard_bad", "异常"
    SOFT_GOOD = "soft_good", "恢复待确认"


# A member looked up on its class costs time, and these are asked for with every result.
_PHASE_OK, _PHASE_HARD_BAD = Phase.OK, Phase.HARD_BAD
_PHASE_SOFT_BAD, _PHASE_SOFT_GOOD = Phase.SOFT_BAD, Phase.SOFT_GOOD


class ChangeKind(Choices):
    """What a step changed (变化类型)."""

    FIRST_GOOD = "first_good", "首次正常"
    SOFT_BEGAN = "soft_began", "出现异常"
    SOFT_CLEARED = "soft_cleared", "异常未确认即消失"
    OUTAGE_OPENED = "outage_opened", "确认中断"
    RECOVERING = "recovering", "出现恢复"
    RELAPSED = "relapsed", "恢复未确认又异常"
    OUTAGE_CLOSED = "outage_closed", "确认恢复"
    WARNING_BEGAN = "warning_began", "出现警告"
    WARNING_ENDED = "warning_ended", "警告消失"
    UNKNOWN_BEGAN = "unknown_began", "无法检查"
    UNKNOWN_ENDED = "unknown_ended", "恢复检查"
    SUSPECT = "suspect", "结果存疑"
    REFUSED = "refused", "结果过旧被拒"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many results make a state hard (确认策略).

    Args:
        confirm: bad results in a row that open an outage (确认次数).
        recover: good results in a row that close it (恢复次数).
        suspect_after_ms: a prober later than this makes a suspect result (存疑).
    """

    confirm: int = 3
    recover: int = 2
    suspect_after_ms: float = 1000.0

    def __post_init__(self) -> None:
        if self.confirm < 1 or self.recover < 1:
            raise ValueError("confirm and recover count from 1")


class State(NamedTuple):
    """Where a check stands after its results so far (检查状态).

    A named tuple, for it is made anew with each result: a frozen dataclass takes four times as long.

    Args:
        phase: of the soft and hard machine; untouched by `unknown` and suspect results.
        verdict: of the last result that was not suspect; None while nothing was found.
        streak: results in a row that speak for the change being confirmed (soft phases), else 0.
        since_ms: when the phase's side began: an outage's start, a recovery's end, the first result.
        first_bad_ms: the first bad result of the confirming or confirmed run; None when good.
        detected_ms: when the outage became hard; None when there is none.
        first_good_ms: the first good result of the recovering run; None unless recovering.
        unknown_since_ms: the first of the `unknown` results that came last; None when the target is seen.
        last_ms: the time of fact of the last accepted result, suspect or not; None before any.
        suspects: suspect results in a row up to now.
    """

    phase: Phase = Phase.PENDING
    verdict: Verdict | None = None
    streak: int = 0
    since_ms: int | None = None
    first_bad_ms: int | None = None
    detected_ms: int | None = None
    first_good_ms: int | None = None
    unknown_since_ms: int | None = None
    last_ms: int | None = None
    suspects: int = 0

    @property
    def is_down(self) -> bool:
        """Test whether an outage is open (中断中): hard, or recovering and not yet confirmed."""
        return self.phase is _PHASE_HARD_BAD or self.phase is _PHASE_SOFT_GOOD

    @property
    def is_soft(self) -> bool:
        """Test whether a change is being confirmed, so that the retry interval applies."""
        return self.phase is _PHASE_SOFT_BAD or self.phase is _PHASE_SOFT_GOOD

    @property
    def is_unknown(self) -> bool:
        """Test whether the check cannot be carried out at present (无法检查)."""
        return self.unknown_since_ms is not None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a step changed (状态变化).

    Args:
        kind: what changed.
        at_ms: time of fact of the result that changed it.
        before: phase before.
        after: phase after.
        start_ms: start of the outage, of the soft run, or of the unknown time it is about.
        end_ms: end of that, once known.
    """

    kind: ChangeKind
    at_ms: int
    before: Phase
    after: Phase
    start_ms: int | None = None
    end_ms: int | None = None


PENDING = State()
"""A check that was never carried out."""

DEFAULT_POLICY = Policy()
"""Three bad results open, two good ones close."""

Changes = tuple[Change, ...]

_OK, _WARNING, _UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.UNKNOWN


def step(
    state: State,
    at_ms: int,
    verdict: Verdict,
    late_ms: float = 0.0,
    policy: Policy = DEFAULT_POLICY,
) -> tuple[State, Changes]:
    """Return the state after one result, and what it changed (状态推进).

    Args:
        state: before the result.
        at_ms: time of fact of the result.
        verdict: what it found.
        late_ms: how late the prober was.
        policy: how many results make a change hard.
    """
    last = state.last_ms
    if last is not None and at_ms <= last:
        return state, (Change(ChangeKind.REFUSED, at_ms, state.phase, state.phase),)
    if late_ms > policy.suspect_after_ms:
        suspect = state._replace(last_ms=at_ms, suspects=state.suspects + 1)
        return suspect, (Change(ChangeKind.SUSPECT, at_ms, state.phase, state.phase),)
    if is_steady(state, verdict):
        return _moved(state, at_ms), ()
    if verdict is _UNKNOWN:
        return _blind(state, at_ms)
    return _seen(state, at_ms, verdict, policy)


def is_steady(state: State, verdict: Verdict) -> bool:
    """Test whether an accepted result with this verdict changes nothing but the time of the last result.

    The common cases only: all is well and stays so, or a confirmed outage goes on.
    """
    if verdict is not state.verdict or state.suspects:
        return False
    phase = state.phase
    return phase is _PHASE_OK or phase is _PHASE_HARD_BAD


def _moved(state: State, at_ms: int) -> State:
    """Return a steady state with a newer last result; the hot path, so without `_replace`."""
    return State(*state[:8], at_ms, 0)


def _blind(state: State, at_ms: int) -> tuple[State, Changes]:
    """Take note of an `unknown` result: no word about the target, so the phase stays."""
    since = at_ms if state.unknown_since_ms is None else state.unknown_since_ms
    after = state._replace(verdict=_UNKNOWN, unknown_since_ms=since, last_ms=at_ms, suspects=0)
    if state.unknown_since_ms is not None:
        return after, ()
    ended = _warning_change(state, Verdict.UNKNOWN, at_ms)
    began = Change(ChangeKind.UNKNOWN_BEGAN, at_ms, state.phase, state.phase, at_ms)
    return after, (*ended, began)


def _seen(state: State, at_ms: int, verdict: Verdict, policy: Policy) -> tuple[State, Changes]:
    changes: list[Change] = []
    if state.unknown_since_ms is not None:
        changes.append(
            Change(ChangeKind.UNKNOWN_ENDED, at_ms, state.phase, state.phase, state.unknown_since_ms, at_ms)
        )
    changes.extend(_warning_change(state, verdict, at_ms))
    seen = state._replace(verdict=verdict, last_ms=at_ms, unknown_since_ms=None, suspects=0)
    is_bad = verdict is Verdict.CRITICAL
    after, change = _bad(seen, at_ms, policy) if is_bad else _good(seen, at_ms, policy)
    if change is not None:
        changes.append(change)
    return after, tuple(changes)


def _warning_change(state: State, verdict: Verdict, at_ms: int) -> Changes:
    if (state.verdict is _WARNING) is (verdict is _WARNING):
        return ()
    kind = ChangeKind.WARNING_BEGAN if verdict is _WARNING else ChangeKind.WARNING_ENDED
    return (Change(kind, at_ms, state.phase, state.phase, at_ms),)


def _bad(state: State, at_ms: int, policy: Policy) -> tuple[State, Change | None]:
    before = state.phase
    if before is Phase.HARD_BAD:
        return state, None
    if before is Phase.SOFT_GOOD:
        after = state._replace(phase=Phase.HARD_BAD, streak=0, first_good_ms=None)
        return after, Change(ChangeKind.RELAPSED, at_ms, before, after.phase, state.first_bad_ms)
    start = at_ms if state.first_bad_ms is None else state.first_bad_ms
    streak = state.streak + 1 if before is Phase.SOFT_BAD else 1
    if streak >= policy.confirm:
        after = state._replace(
            phase=Phase.HARD_BAD, streak=0, since_ms=start, first_bad_ms=start, detected_ms=at_ms
        )
        return after, Change(ChangeKind.OUTAGE_OPENED, at_ms, before, after.phase, start)
    after = state._replace(phase=Phase.SOFT_BAD, streak=streak, since_ms=start, first_bad_ms=start)
    if before is Phase.SOFT_BAD:
        return after, None
    return after, Change(ChangeKind.SOFT_BEGAN, at_ms, before, after.phase, start)


def _good(state: State, at_ms: int, policy: Policy) -> tuple[State, Change | None]:
    before = state.phase
    if before is Phase.OK:
        return state, None
    if before is Phase.PENDING:
        after = state._replace(phase=Phase.OK, since_ms=at_ms)
        return after, Change(ChangeKind.FIRST_GOOD, at_ms, before, after.phase)
    if before is Phase.SOFT_BAD:
        after = state._replace(phase=Phase.OK, streak=0, since_ms=at_ms, first_bad_ms=None)
        return after, Change(ChangeKind.SOFT_CLEARED, at_ms, before, after.phase, state.first_bad_ms, at_ms)
    end = at_ms if state.first_good_ms is None else state.first_good_ms
    streak = state.streak + 1 if before is Phase.SOFT_GOOD else 1
    if streak >= policy.recover:
        after = state._replace(
            phase=Phase.OK,
            streak=0,
            since_ms=end,
            first_bad_ms=None,
            detected_ms=None,
            first_good_ms=None,
        )
        return after, Change(ChangeKind.OUTAGE_CLOSED, at_ms, before, after.phase, state.first_bad_ms, end)
    after = state._replace(phase=Phase.SOFT_GOOD, streak=streak, first_good_ms=end)
    if before is Phase.SOFT_GOOD:
        return after, None
    return after, Change(ChangeKind.RECOVERING, at_ms, before, after.phase, state.first_bad_ms, end)


class Tracker:
    """One check's state on the hot path (状态跟踪): the same answers as `step`, without a new object each time.

    `feed` allocates nothing while nothing changes; `state` is made when somebody asks.
    """

    __slots__ = ("_last_ms", "_state", "policy", "well")

    def __init__(self, policy: Policy = DEFAULT_POLICY, state: State = PENDING) -> None:
        """Go on from `state` under `policy`."""
        self.policy = policy
        self._state = state
        self.well = is_steady(state, _OK)
        """Whether one more good result would say nothing new."""
        self._last_ms = -1 << 62 if state.last_ms is None else state.last_ms

    @property
    def state(self) -> State:
        """The state after everything fed so far."""
        state = self._state
        if state.last_ms != self._last_ms and self._last_ms > -1 << 62:
            state = self._state = _moved(state, self._last_ms)
        return state

    def again(self, at_ms: int, late_ms: float) -> bool:
        """Take in one more good result while all is well; False, and nothing taken, when `feed` is needed."""
        if self.well and at_ms > self._last_ms and late_ms <= self.policy.suspect_after_ms:
            self._last_ms = at_ms
            return True
        return False

    def feed(self, at_ms: int, verdict: Verdict, late_ms: float = 0.0) -> Changes:
        """Take in one result and return what it changed, most often nothing."""
        if (
            at_ms > self._last_ms
            and late_ms <= self.policy.suspect_after_ms
            and is_steady(self._state, verdict)
        ):
            self._last_ms = at_ms
            return ()
        after, changes = step(self.state, at_ms, verdict, late_ms, self.policy)
        self._state = after
        self.well = is_steady(after, _OK)
        if after.last_ms is not None:
            self._last_ms = after.last_ms
        return changes
