"""Judging a batch (判定): which results count, what they change. No database here; the hot path of the centre.

The usual result, one that says again what the last one said, costs a comparison and no object; only a
result that may change something is shown to the state machine of `engines.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from taxops.engines.checks import Change, ChangeKind, Policy, step
from taxops.systems.operations.monitoring.rules import SLOT_MS, Row, to_columns, to_state
from taxops.systems.operations.monitoring.rules.codes import HARD_BAD, OK, VERDICTS
from taxops.systems.operations.monitoring.words import Turn

from .store import Standing

AHEAD_MS = 60_000
"""A result from further in the future than this is refused: the prober's clock is wrong."""

_LATE = 1e9
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


class Judged(NamedTuple):
    """What judging a batch came to (判定结果)."""

    raw: list[tuple[int, int, int, int, int, int]]
    moved: list[Moved]
    said: list[Row]
    late: dict[int, list[Row]]
    resumed: list[tuple[Standing, int]]
    refused: int


def judge(rows: Sequence[Row], standings: Mapping[int, Standing], now_ms: int) -> Judged:
    """Return what the rows of a batch change; the standings are moved on in place.

    Args:
        rows: in any order; judged by their own times.
        standings: where the checks stand; a row of a check that is not there is refused.
        now_ms: to refuse results from the future.
    """
    raw: list[tuple[int, int, int, int, int, int]] = []
    moved: list[Moved] = []
    said: list[Row] = []
    late: dict[int, list[Row]] = {}
    resumed: list[tuple[Standing, int]] = []
    refused = 0
    newest = now_ms + AHEAD_MS
    for row in sorted(rows, key=_at):
        check_id, version, at_ms, code, duration_us, suspect, message, metrics, trace = row
        standing = standings.get(check_id)
        if standing is None or at_ms > newest:
            refused += 1
            continue
        if at_ms <= standing.last_at_ms:
            late.setdefault(check_id, []).append(row)
            continue
        if version != standing.version and at_ms >= standing.version_from_ms:
            suspect = 1  # judged by a definition that no longer held
        raw.append((at_ms // SLOT_MS, check_id, at_ms, code, duration_us, suspect))
        standing.seen = True
        if standing.silent_since_ms is not None:
            resumed.append((standing, at_ms))
            standing.silent_since_ms = None
            standing.changed = True
        fresh_slot = at_ms // SLOT_MS != standing.last_at_ms // SLOT_MS
        if (
            code == standing.verdict
            and not suspect
            and not standing.suspects
            and (standing.phase == OK or standing.phase == HARD_BAD)
        ):
            standing.last_at_ms = at_ms
            telling = fresh_slot  # while nothing changes, one record in five minutes is enough
        else:
            telling = True
            _advance(standing, at_ms, code, suspect, message, moved)
        standing.duration_us = duration_us
        if not suspect:
            if message != standing.message and (message or code == 0):
                standing.message = message
                standing.changed = True
            if telling and (code or message or trace is not None or metrics is not None):
                said.append(row)
    return Judged(raw, moved, said, late, resumed, refused)


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
