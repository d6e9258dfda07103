"""Numbers for phases and verdicts (状态编码): what the busy tables hold, and back."""

from __future__ import annotations

from typing import NamedTuple

from taxops.engines.checks import Phase, State, Verdict

PHASES: tuple[Phase, ...] = (Phase.PENDING, Phase.OK, Phase.SOFT_BAD, Phase.HARD_BAD, Phase.SOFT_GOOD)
"""A phase's code is its place here. Never reorder: the codes are stored."""

VERDICTS: tuple[Verdict, ...] = (Verdict.OK, Verdict.WARNING, Verdict.CRITICAL, Verdict.UNKNOWN)
"""A verdict's code is its place here, as the prober's protocol has it."""

PHASE_CODE = {phase: code for code, phase in enumerate(PHASES)}
VERDICT_CODE = {verdict: code for code, verdict in enumerate(VERDICTS)}

PENDING, OK, SOFT_BAD, HARD_BAD, SOFT_GOOD = range(5)
NOT_YET = -1


class Columns(NamedTuple):
    """A check's state as its row holds it (状态列)."""

    phase: int = PENDING
    verdict: int = NOT_YET
    streak: int = 0
    since_ms: int | None = None
    first_bad_ms: int | None = None
    detected_ms: int | None = None
    first_good_ms: int | None = None
    unknown_since_ms: int | None = None
    last_at_ms: int = 0
    suspects: int = 0


def to_state(row: Columns) -> State:
    """Return the engine's state of stored columns.

    >>> to_state(Columns()) == State()
    True
    """
    return State(
        phase=PHASES[row.phase],
        verdict=None if row.verdict == NOT_YET else VERDICTS[row.verdict],
        streak=row.streak,
        since_ms=row.since_ms,
        first_bad_ms=row.first_bad_ms,
        detected_ms=row.detected_ms,
        first_good_ms=row.first_good_ms,
        unknown_since_ms=row.unknown_since_ms,
        last_ms=row.last_at_ms or None,
        suspects=row.suspects,
    )


def to_columns(state: State) -> Columns:
    """Return the columns of the engine's state."""
    return Columns(
        PHASE_CODE[state.phase],
        NOT_YET if state.verdict is None else VERDICT_CODE[state.verdict],
        state.streak,
        state.since_ms,
        state.first_bad_ms,
        state.detected_ms,
        state.first_good_ms,
        state.unknown_since_ms,
        state.last_ms or 0,
        state.suspects,
    )


def is_quiet(phase: int, verdict: int, suspects: int, code: int) -> bool:
    """Test whether an accepted result changes nothing but the time of the last one (`is_steady`, on codes)."""
    return code == verdict and not suspects and (phase in {OK, HARD_BAD})
