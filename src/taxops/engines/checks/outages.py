"""Outages (中断) from history: any stretch of results replayed gives what stepping through it gave.

What is stored about outages is a cache of this; when results come in late, the stretch they belong to is
replayed and the difference told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from taxops.engines.base import Interval, from_millis

from .model import Result, Verdict
from .states import DEFAULT_POLICY, PENDING, Change, ChangeKind, Policy, State, Tracker


class Sighting(NamedTuple):
    """What outage arithmetic needs of a result (检查结果要点)."""

    at_ms: int
    verdict: Verdict
    late_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch in which the target did not work (中断).

    Args:
        start_ms: the first bad result of the run that confirmed it.
        end_ms: the first good result of the run that ended it; None while it lasts.
        detected_ms: when it became certain (确认时刻), the start of the restore clock.
        recovered_ms: when the end became certain; None while it lasts.
    """

    start_ms: int
    end_ms: int | None
    detected_ms: int
    recovered_ms: int | None = None

    def interval(self, until_ms: int) -> Interval:
        """Return the outage as an interval; one that lasts ends at `until_ms`, for now."""
        end_ms = until_ms if self.end_ms is None else self.end_ms
        return Interval(from_millis(self.start_ms), from_millis(max(self.start_ms, end_ms)))


@dataclass(frozen=True, slots=True)
class Replay:
    """What a stretch of history comes to (重放结果)."""

    state: State
    outages: tuple[Outage, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """How outages differ after late results (更正).

    Args:
        state: the state after all results.
        outages: all outages as they stand now, in order.
        added: outages that were not there.
        withdrawn: outages that are not there any more.
        changed: outages with the same start whose other instants differ, before and after.
    """

    state: State
    outages: tuple[Outage, ...]
    added: tuple[Outage, ...] = ()
    withdrawn: tuple[Outage, ...] = ()
    changed: tuple[tuple[Outage, Outage], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.withdrawn or self.changed)


_SEVERITY = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.OK: 2, Verdict.UNKNOWN: 3}


def in_order(history: Iterable[Sighting | Result], policy: Policy = DEFAULT_POLICY) -> list[Sighting]:
    """Return the results by time of fact, one for each instant.

    Of several at the same instant one that is not suspect counts, then the worst; so the order in which
    batches came in does not matter, nor does a result that came in twice.
    """
    limit = policy.suspect_after_ms
    found = [Sighting(item.at_ms, item.verdict, item.late_ms) for item in history]
    found.sort(key=lambda item: (item.at_ms, item.late_ms > limit, _SEVERITY[item.verdict], item.late_ms))
    return [item for i, item in enumerate(found) if i == 0 or item.at_ms != found[i - 1].at_ms]


def replay(
    history: Iterable[Sighting | Result], policy: Policy = DEFAULT_POLICY, *, state: State = PENDING
) -> Replay:
    """Return state, outages and changes after the results, going on from `state` (重放).

    An outage that was open in `state` comes back with its true start. Results that are not newer than
    `state` are refused, as in `step`.
    """
    changes: list[Change] = []
    detected_ms, known_until = state.detected_ms, state.last_ms
    tracker = Tracker(policy, state)
    for item in in_order(history, policy):
        if known_until is None or item.at_ms > known_until:
            changes.extend(tracker.feed(*item))
    state = tracker.state
    return Replay(state, tuple(_outages(changes, state, detected_ms)), tuple(changes))


def outages(history: Iterable[Sighting | Result], policy: Policy = DEFAULT_POLICY) -> list[Outage]:
    """Return the outages in the whole history of a check (中断), the last one open if it lasts."""
    return list(replay(history, policy).outages)


def recompute(
    stored: Sequence[Outage],
    history: Iterable[Sighting | Result],
    policy: Policy = DEFAULT_POLICY,
    *,
    checkpoint: State = PENDING,
) -> Correction:
    """Return how the stored outages have to be corrected, after results came in late (补录更正).

    Args:
        stored: the outages known so far, of the whole history or at least from the checkpoint on.
        history: every result after the checkpoint, late ones included; older ones are left out.
        policy: how many results make a change hard.
        checkpoint: a state from which to go on (any that `step` gave, before the first late result).
    """
    known_until = checkpoint.last_ms
    fresh = replay(history, policy, state=checkpoint)
    settled: list[Outage] = []
    doubtful: dict[int, Outage] = {}
    for outage in stored:
        is_settled = (
            known_until is not None and outage.recovered_ms is not None and outage.recovered_ms <= known_until
        )
        if is_settled:
            settled.append(outage)
        else:
            doubtful[outage.start_ms] = outage
    new = {outage.start_ms: outage for outage in fresh.outages}
    return Correction(
        state=fresh.state,
        outages=tuple(sorted([*settled, *fresh.outages], key=lambda outage: outage.start_ms)),
        added=tuple(outage for start, outage in new.items() if start not in doubtful),
        withdrawn=tuple(outage for start, outage in doubtful.items() if start not in new),
        changed=tuple(
            (doubtful[start], outage)
            for start, outage in new.items()
            if start in doubtful and doubtful[start] != outage
        ),
    )


def _outages(changes: Iterable[Change], state: State, detected_ms: int | None) -> list[Outage]:
    """Return the outages that closed, and the one still open; `detected_ms` is of one open before."""
    found: list[Outage] = []
    for change in changes:
        if change.kind is ChangeKind.OUTAGE_OPENED:
            detected_ms = change.at_ms
        elif change.kind is ChangeKind.OUTAGE_CLOSED:
            assert change.start_ms is not None
            assert detected_ms is not None
            found.append(Outage(change.start_ms, change.end_ms, detected_ms, change.at_ms))
    if state.is_down and state.first_bad_ms is not None and state.detected_ms is not None:
        found.append(Outage(state.first_bad_ms, None, state.detected_ms))
    return found
