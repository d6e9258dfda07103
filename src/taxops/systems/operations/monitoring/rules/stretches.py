"""How a check or system was over a time (状态时间线): a run of stretches without gaps, from its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from taxops.systems.operations.monitoring.words import Shown, Turn

FOREVER = 1 << 62


class Line(NamedTuple):
    """One line of history as the drawing needs it (历史行)."""

    kind: str
    at_ms: int
    start_ms: int | None = None


class Stretch(NamedTuple):
    """A stretch of one state (状态段): `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int
    shown: Shown


_PAIRS = (
    (Turn.WARNING_BEGAN, Turn.WARNING_ENDED, Shown.WARNING),
    (Turn.UNKNOWN_BEGAN, Turn.UNKNOWN_ENDED, Shown.UNKNOWN),
    (Turn.SILENT_BEGAN, Turn.SILENT_ENDED, Shown.NO_DATA),
    (Turn.DISABLED, Turn.ENABLED, Shown.DISABLED),
)
_PRIORITY = (Shown.WARNING, Shown.UNKNOWN, Shown.CRITICAL, Shown.NO_DATA, Shown.DISABLED)
"""Where several hold at once, the later in this order is shown."""
_RANKED = (Shown.PENDING, Shown.OK, *_PRIORITY)
_WORST_FIRST = range(len(_RANKED) - 1, -1, -1)


def stretches(
    lines: Iterable[Line],
    outages: Sequence[tuple[int, int | None]],
    start_ms: int,
    end_ms: int,
    *,
    born_ms: int = 0,
) -> list[Stretch]:
    """Return the states over `[start_ms, end_ms)`, neighbours different.

    Args:
        lines: history in the order of time; ends without a beginning reach back to the start.
        outages: `(start, end)`, an end of None lasts.
        start_ms: begin of the drawing.
        end_ms: end of the drawing.
        born_ms: before this there was nothing to know (待检).
    """
    if end_ms <= start_ms:
        return []
    held = [(born_ms, FOREVER, Shown.OK)] if born_ms < end_ms else []
    held += _paired(list(lines))
    held += [(begin, FOREVER if end is None else end, Shown.CRITICAL) for begin, end in outages]
    edges = {start_ms, end_ms}
    turns: dict[int, list[tuple[int, int]]] = {}  # at an edge: which rank begins (+1) or ends (-1) to hold
    rank = {shown: place for place, shown in enumerate(_RANKED)}
    for begin, end, shown in held:
        left, right = max(begin, start_ms), min(end, end_ms)
        if left < right:
            edges.update((left, right))
            turns.setdefault(left, []).append((rank[shown], 1))
            turns.setdefault(right, []).append((rank[shown], -1))
    found: list[Stretch] = []
    holding = [0] * len(_RANKED)
    for left, right in pairwise(sorted(edges)):
        for place, change in turns.get(left, ()):
            holding[place] += change
        shown = next((_RANKED[place] for place in _WORST_FIRST if holding[place]), Shown.PENDING)
        if found and found[-1].shown is shown:
            found[-1] = Stretch(found[-1].start_ms, right, shown)
        else:
            found.append(Stretch(left, right, shown))
    return found


def _paired(lines: Sequence[Line]) -> list[tuple[int, int, Shown]]:
    """Return the stretches between beginnings and ends of each sort."""
    found: list[tuple[int, int, Shown]] = []
    for began, ended, shown in _PAIRS:
        opened: int | None = None
        for line in lines:
            if line.kind == began:
                opened = line.at_ms if opened is None else opened
            elif line.kind == ended:
                begin = line.start_ms if opened is None else opened
                if begin is not None:
                    found.append((begin, line.at_ms, shown))
                opened = None
        if opened is not None:
            found.append((opened, FOREVER, shown))
    return found
