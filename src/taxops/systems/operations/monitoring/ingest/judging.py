"""Judging a batch (判定): which results count, what they change. No database here; the hot path of the centre.

The usual result, one that says again what the last one said, costs a comparison and no object; only a
result that may change something is shown to the state machine of `engines.checks`. A check that changed sides within
its window of flapping (抖动) is looked at result by result until the window is empty; all others pay one comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from taxops.engines.checks import (
    Change,
    ChangeKind,
    Flapping,
    FlapPolicy,
    Policy,
    Verdict,
    changed_side,
    flap,
    flap_share,
    step,
)
from taxops.systems.operations.monitoring.rules import CELL_MS, SLOT_MS, Row, is_quiet, to_columns, to_state
from taxops.systems.operations.monitoring.rules.codes import HARD_BAD, OK, PHASES, VERDICT_CODE, VERDICTS
from taxops.systems.operations.monitoring.words import Turn

from .store import Standing

AHEAD_MS = 60_000
"""A result from further in the future than this is refused: the prober's clock is wrong."""

_LATE = 1e9
_STEADY = (OK, HARD_BAD)
_UNKNOWN = VERDICT_CODE[Verdict.UNKNOWN]
_RECORDED = {kind: Turn(kind.value) for kind in ChangeKind if kind.value in set(Turn)}


class Moved(NamedTuple):
    """A change of one check's state that goes into history (状态变化)."""

    check_id: int
    system_id: int
    severity: str
    kind: Turn
    at_ms: int
    known_ms: int
    start_ms: int | None
    message: str


Raw = tuple[int, int, int, int, int, int]
Quiet = dict[int, tuple[int, int, int]]


class Sorted(NamedTuple):
    """A batch divided (分拣): what says nothing new, and what has to be looked at."""

    raw: list[Raw]
    quiet: Quiet
    news: list[Row]
    refused: int


class Judged(NamedTuple):
    """What judging the news of a batch came to (判定结果)."""

    raw: list[Raw]
    moved: list[Moved]
    said: list[Row]
    late: dict[int, list[Row]]
    resumed: list[tuple[Standing, int]]


def divide(rows: Sequence[Row], glances: Mapping[int, Sequence[Any]], now_ms: int) -> Sorted:
    """Divide a batch into results that only say again what is known, and news.

    Once a check has news in a batch, all its later results are news too.

    Args:
        rows: in any order; taken by their own times.
        glances: by check: id, last time, verdict, phase, suspects, silent since, message, version, keeps, flaps.
        now_ms: to refuse results from the future, as those of checks that are not there.
    """
    raw: list[Raw] = []
    quiet: Quiet = {}
    news: list[Row] = []
    loud: set[int] = set()
    refused = 0
    newest = now_ms + AHEAD_MS
    for row in sorted(rows, key=_at):
        check_id, version, at_ms, code, duration_us, suspect, message, metrics, trace = row
        glance = glances.get(check_id)
        if glance is None or at_ms > newest:
            refused += 1
            continue
        _, last_ms, verdict, phase, suspects, silent, said, current, _, flaps = glance
        if check_id in quiet:
            last_ms = quiet[check_id][0]
        if (
            code == verdict
            and at_ms > last_ms
            and not suspect
            and phase in _STEADY
            and version == current
            and silent is None
            and not suspects
            and not flaps
            and (message == said or (not message and code))
            and ((metrics is None and trace is None and not code) or at_ms // SLOT_MS == last_ms // SLOT_MS)
            and check_id not in loud
        ):
            raw.append((at_ms // CELL_MS, check_id, at_ms, code, duration_us, 0))
            quiet[check_id] = (at_ms, duration_us, check_id)
        else:
            loud.add(check_id)
            news.append(row)
    return Sorted(raw, quiet, news, refused)


def judge(news: Sequence[Row], standings: Mapping[int, Standing]) -> Judged:
    """Return what the news of a batch change; the standings are moved on in place.

    Args:
        news: by their times.
        standings: where their checks stand.
    """
    raw: list[Raw] = []
    moved: list[Moved] = []
    said: list[Row] = []
    late: dict[int, list[Row]] = {}
    resumed: list[tuple[Standing, int]] = []
    for row in news:
        standing = standings[row.check_id]
        at_ms, code, suspect, message = row.at_ms, row.code, row.suspect, row.message
        if at_ms <= standing.last_at_ms:
            late.setdefault(row.check_id, []).append(row)
            continue
        if row.version != standing.version and at_ms >= standing.version_from_ms:
            suspect = 1  # judged by a definition that no longer held
        raw.append((at_ms // CELL_MS, row.check_id, at_ms, code, row.duration_us, suspect))
        if standing.silent_since_ms is not None:
            resumed.append((standing, at_ms))
            standing.silent_since_ms = None
        steady = is_quiet(standing.phase, standing.verdict, standing.suspects, code) and not suspect
        # While nothing changes, one record in five minutes is enough.
        telling = not steady or at_ms // SLOT_MS != standing.last_at_ms // SLOT_MS
        phase = standing.phase
        _advance(standing, at_ms, code, suspect, message, moved)
        if standing.flap and not suspect and code != _UNKNOWN:
            _flap(standing, phase, at_ms, moved)
        standing.duration_us = row.duration_us
        if not suspect:
            if message or code == 0:
                standing.message = message
            if telling and (code or message or row.trace is not None or row.metrics is not None):
                said.append(row)
    return Judged(raw, moved, said, late, resumed)


def _at(row: Row) -> int:
    return row.at_ms


def _advance(
    standing: Standing, at_ms: int, code: int, suspect: int, message: str, moved: list[Moved]
) -> None:
    """Show one result to the state machine and keep what it changed."""
    state, changes = step(
        to_state(standing.columns()),
        at_ms,
        VERDICTS[code],
        _LATE if suspect else 0.0,
        Policy(standing.confirm, standing.recover),
    )
    standing.take(to_columns(state))
    for change in changes:
        found = as_moved(change, standing, message)
        if found is not None:
            moved.append(found)


def _flap(standing: Standing, before: int, at_ms: int, moved: list[Moved]) -> None:
    """Take one result that counts into the window of flapping, and keep what that changed (抖动).

    Args:
        standing: after the result; its window and its flag are moved on.
        before: code of the phase before the result.
        at_ms: time of fact of the result.
        moved: takes the line of history when it began or ended.
    """
    changed = changed_side(PHASES[before], PHASES[standing.phase])
    if not changed and not standing.flap_window:
        return
    policy = FlapPolicy(standing.flap_results, standing.flap_high, standing.flap_low)
    since_ms = standing.flapping_since_ms
    after = flap(Flapping(standing.flap_window, since_ms), changed=changed, at_ms=at_ms, policy=policy)
    standing.flap_window, standing.flapping_since_ms = after
    if (since_ms is None) == (after.since_ms is None):
        return
    share = flap_share(after.window, policy.results)
    began = since_ms is None
    bound = f"达到 {policy.high}%" if began else f"低于 {policy.low}%"
    moved.append(
        Moved(
            standing.check_id,
            standing.system_id,
            standing.severity,
            Turn.FLAPPING_BEGAN if began else Turn.FLAPPING_ENDED,
            at_ms,
            at_ms,
            since_ms,
            f"最近 {policy.results} 次结果的变化率 {share:.1f}%，{bound}。",
        )
    )


def as_moved(change: Change, standing: Standing, message: str = "") -> Moved | None:
    """Return the line of history for a change of the machine; None for those that history leaves out."""
    kind = _RECORDED.get(change.kind)
    if kind is None:
        return None
    at_ms, start_ms = change.at_ms, change.start_ms
    if kind is Turn.OUTAGE_OPENED and change.start_ms is not None:
        at_ms, start_ms = change.start_ms, None
    elif change.end_ms is not None:
        at_ms = change.end_ms
    elif kind in {Turn.WARNING_BEGAN, Turn.UNKNOWN_BEGAN}:
        start_ms = None
    return Moved(
        standing.check_id,
        standing.system_id,
        standing.severity,
        kind,
        at_ms,
        change.at_ms,
        start_ms,
        message,
    )
