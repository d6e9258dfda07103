"""Late results (迟到结果): a check's history is played again from just before them, and the record corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from taxops.engines.base import from_millis, to_millis
from taxops.engines.checks import Change, Phase, Policy, Sighting, State, Verdict, replay
from taxops.systems.operations.monitoring.models import CheckVersion, ControlRoom, Outage, StateChange
from taxops.systems.operations.monitoring.queries.raw import raw_between
from taxops.systems.operations.monitoring.rules import (
    CELL_MS,
    SLOT_MS,
    Row,
    Span,
    first_slot_kept,
    to_columns,
)
from taxops.systems.operations.monitoring.rules.codes import OK, VERDICTS
from taxops.systems.operations.monitoring.words import Cause, Turn

from .correcting import correct
from .judging import Moved, as_moved
from .store import Standing, insert_raw, known_instants, mark_stale
from .turns import Happened, write_lines


def keep_days() -> int:
    """Return how long raw results are kept, which is how far back late ones are accepted (原始结果保留)."""
    found = ControlRoom.objects.filter(pk=1).values_list("raw_days", flat=True).first()
    return 7 if found is None else found


_SETTLING = tuple(
    turn.value
    for turn in (Turn.OUTAGE_OPENED, Turn.OUTAGE_CLOSED, Turn.FIRST_GOOD, Turn.ENABLED, Turn.DISABLED)
)
_REPLAYED = tuple(turn.value for turn in Turn if turn not in {
    Turn.SILENT_BEGAN, Turn.SILENT_ENDED, Turn.ENABLED, Turn.DISABLED, Turn.EDITED,
    Turn.BAND_LEFT, Turn.BAND_BACK, Turn.FLAPPING_BEGAN, Turn.FLAPPING_ENDED,
})  # fmt: skip


def store_late(
    late: dict[int, list[Row]], standings: dict[int, Standing], now: datetime
) -> tuple[dict[int, int], int]:
    """Store late results that are news; return by check the instant of the earliest, and how many they are.

    What was stored before is refused, and so is what is older than the raw results that are kept.
    """
    oldest = first_slot_kept(to_millis(now), keep_days=keep_days())
    pairs = [(row.check_id, row.at_ms) for rows in late.values() for row in rows]
    known = known_instants(pairs)
    raw: list[tuple[int, int, int, int, int, int]] = []
    earliest: dict[int, int] = {}
    for check_id, rows in late.items():
        standing = standings[check_id]
        for row in rows:
            if (check_id, row.at_ms) in known or row.at_ms // SLOT_MS < oldest:
                continue
            known.add((check_id, row.at_ms))
            outdated = row.version != standing.version and row.at_ms >= standing.version_from_ms
            cell = row.at_ms // CELL_MS
            raw.append((cell, check_id, row.at_ms, row.code, row.duration_us, 1 if outdated else row.suspect))
            earliest[check_id] = min(earliest.get(check_id, row.at_ms), row.at_ms)
    mark_stale([row[2] // SLOT_MS for row in raw])
    insert_raw(raw)
    return earliest, len(raw)


def calm(late: dict[int, list[Row]], standings: dict[int, Standing]) -> set[int]:
    """Return the checks whose late results can change nothing: good ones, in a time when all was well.

    So a spool that comes in the wrong order, or two probers that share a check, cost one query and no replay.
    """
    candidates = {
        check_id: min(row.at_ms for row in rows)
        for check_id, rows in late.items()
        if standings[check_id].phase == OK
        and standings[check_id].verdict == 0
        and not any(row.code or row.suspect for row in rows)
    }
    latest = (
        StateChange.objects.filter(check_row_id__in=list(candidates), withdrawn_at=None)
        .order_by()
        .values_list("check_row_id")
        .annotate(latest=Max("known_ms"))
    )
    changed = {check_id: known_ms for check_id, known_ms in latest if check_id is not None}
    return {check_id for check_id, at_ms in candidates.items() if changed.get(check_id, at_ms) < at_ms}


def replay_checks(
    earliest: dict[int, int],
    standings: dict[int, Standing],
    messages: dict[tuple[int, int], str],
    happened: Happened,
    now: datetime,
) -> None:
    """Play the history of these checks again from just before their earliest late result."""
    for check_id in sorted(earliest):
        _replay_one(standings[check_id], earliest[check_id], messages, happened, now)


def _replay_one(
    standing: Standing, late_ms: int, messages: dict[tuple[int, int], str], happened: Happened, now: datetime
) -> None:
    oldest_ms = first_slot_kept(to_millis(now), keep_days=keep_days()) * SLOT_MS
    start = _checkpoint(standing, late_ms, oldest_ms)
    from_ms = (start.last_ms or 0) + 1
    until_ms = max(standing.last_at_ms, late_ms, to_millis(now)) + SLOT_MS
    rows = raw_between(standing.check_id, max(from_ms, oldest_ms), until_ms)
    state, changes = _play(standing, start, rows)
    silent, duration, message = standing.silent_since_ms, standing.duration_us, standing.message
    standing.take(to_columns(state))
    standing.silent_since_ms, standing.message = silent, message
    standing.duration_us = rows[-1][3] if rows else duration
    moved = [
        found
        for change in changes
        if (found := as_moved(change, standing, messages.get((standing.check_id, change.at_ms), "")))
    ]
    _correct_lines(standing, from_ms, moved, now)
    spans = _spans(moved, state, start)
    bound = start.first_bad_ms if start.is_down and start.first_bad_ms is not None else from_ms
    recorded = Outage.objects.filter(check_row_id=standing.check_id, started_at__gte=from_millis(bound))
    if correct(
        recorded,
        spans,
        happened,
        now,
        check_id=standing.check_id,
        severity=standing.severity,
        why="按迟到的检查结果重新计算后不成立",
    ):
        happened.checks.add(standing.check_id)
        touched = [s.started_at for s in spans] + [o.started_at for o in happened.withdrawn]
        happened.touch_system(standing.system_id, min(map(to_millis, touched), default=late_ms))


def _checkpoint(standing: Standing, late_ms: int, oldest_ms: int) -> State:
    """Return a state from before the late result that is known for certain (检查点).

    The last settled change before it says whether the check was down; between that and the late result,
    the last result that agrees leaves the machine exactly there.
    """
    settled = (
        StateChange.objects.filter(
            check_row_id=standing.check_id, withdrawn_at=None, kind__in=_SETTLING, known_ms__lt=late_ms
        )
        .order_by("-known_ms", "-id")
        .first()
    )
    if settled is None:
        return State()
    if settled.kind in {Turn.ENABLED, Turn.DISABLED}:
        return State(last_ms=settled.known_ms)
    down = settled.kind == Turn.OUTAGE_OPENED
    verdict = Verdict.CRITICAL if down else Verdict.OK
    state = State(
        phase=Phase.HARD_BAD if down else Phase.OK,
        verdict=verdict,
        since_ms=settled.at_ms,
        first_bad_ms=settled.at_ms if down else None,
        detected_ms=settled.known_ms if down else None,
        last_ms=settled.known_ms,
    )
    back_to = max(settled.known_ms, oldest_ms, late_ms - 24 * 3_600_000)
    before = raw_between(standing.check_id, back_to, late_ms)
    agreeing = (2,) if down else (0, 1)
    for at_ms, code, suspect, _ in reversed(before):
        if at_ms < late_ms and code in agreeing and not suspect:
            return State(
                phase=state.phase,
                verdict=VERDICTS[code],
                since_ms=state.since_ms,
                first_bad_ms=state.first_bad_ms,
                detected_ms=state.detected_ms,
                last_ms=at_ms,
            )
    return state


def _play(
    standing: Standing, start: State, rows: Sequence[tuple[int, int, int, int]]
) -> tuple[State, list[Change]]:
    """Return state and changes after the rows, each judged by the confirmations that held at its time."""
    versions = list(
        CheckVersion.objects.filter(check_row_id=standing.check_id)
        .order_by("from_ms", "version")
        .values_list("from_ms", "definition")
    )
    bounds = [from_ms for from_ms, _ in versions[1:]] + [1 << 62]
    policies = [
        Policy(definition.get("confirm", standing.confirm), definition.get("recover", standing.recover))
        for _, definition in versions
    ] or [Policy(standing.confirm, standing.recover)]
    state, place = start, 0
    changes: list[Change] = []
    for bound, policy in zip(bounds, policies, strict=False):
        stretch: list[Sighting] = []
        while place < len(rows) and rows[place][0] < bound:
            at_ms, code, suspect, _ = rows[place]
            stretch.append(Sighting(at_ms, VERDICTS[code], 1e9 if suspect else 0.0))
            place += 1
        if stretch:
            played = replay(stretch, policy, state=state)
            state = played.state
            changes.extend(played.changes)
    return state, changes


def _correct_lines(standing: Standing, from_ms: int, moved: Sequence[Moved], now: datetime) -> None:
    """Withdraw lines of history that do not hold any more, append those that were missing."""
    recorded = {
        (line.kind, line.at_ms, line.known_ms): line.pk
        for line in StateChange.objects.filter(
            check_row_id=standing.check_id, withdrawn_at=None, kind__in=_REPLAYED, known_ms__gte=from_ms
        )
    }
    told = {(m.kind.value, m.at_ms, m.known_ms): m for m in moved}
    wrong = [pk for key, pk in recorded.items() if key not in told]
    if wrong:
        StateChange.objects.filter(pk__in=wrong).update(withdrawn_at=now)
    write_lines([m for key, m in told.items() if key not in recorded], now, Cause.LATE)


def _spans(moved: Sequence[Moved], state: State, start: State) -> list[Span]:
    """Return the outages that the changes tell, one that was open at the start included."""
    spans: list[Span] = []
    opened: tuple[int, int, str] | None = None
    if start.is_down and start.first_bad_ms is not None and start.detected_ms is not None:
        opened = (start.first_bad_ms, start.detected_ms, "")
    for m in moved:
        if m.kind is Turn.OUTAGE_OPENED:
            opened = (m.at_ms, m.known_ms, m.message)
        elif m.kind is Turn.OUTAGE_CLOSED and opened is not None:
            spans.append(
                Span(
                    from_millis(opened[0]),
                    from_millis(m.at_ms),
                    from_millis(opened[1]),
                    from_millis(m.known_ms),
                    opened[2],
                )
            )
            opened = None
    if opened is not None and state.is_down:
        spans.append(Span(from_millis(opened[0]), None, from_millis(opened[1]), None, opened[2]))
    return spans
