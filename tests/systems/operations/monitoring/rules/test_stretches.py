"""A timeline drawn in one sweep is what looking at every stretch on its own says."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.systems.operations.monitoring.rules import Line, stretches
from taxops.systems.operations.monitoring.words import Shown, Turn

DAY = 1_000
_WORST = (Shown.DISABLED, Shown.NO_DATA, Shown.CRITICAL, Shown.UNKNOWN, Shown.WARNING, Shown.OK)


def at(instant: float, held: list[tuple[int, int | None, Shown]]) -> Shown:
    """Say the slow way what is shown at an instant: the worst of all that holds then."""
    here = {s for begin, end, s in held if begin <= instant and (end is None or instant < end)}
    return next((shown for shown in _WORST if shown in here), Shown.PENDING)


spans = st.tuples(st.integers(-50, DAY + 50), st.one_of(st.none(), st.integers(0, 300))).map(
    lambda p: (p[0], None if p[1] is None else p[0] + p[1])
)


@settings(max_examples=60, deadline=None)
@given(
    outages=st.lists(spans, max_size=8),
    warned=st.lists(st.integers(0, DAY), max_size=8, unique=True).map(sorted),
    silent=st.lists(st.integers(0, DAY), max_size=4, unique=True).map(sorted),
    born=st.integers(-20, DAY + 20),
)
def test_one_sweep_says_what_every_instant_says(
    outages: list[tuple[int, int | None]], warned: list[int], silent: list[int], born: int
) -> None:
    lines, held = [], [(born, None, Shown.OK), *((b, e, Shown.CRITICAL) for b, e in outages)]
    for marks, began, ended, shown in (
        (warned, Turn.WARNING_BEGAN, Turn.WARNING_ENDED, Shown.WARNING),
        (silent, Turn.SILENT_BEGAN, Turn.SILENT_ENDED, Shown.NO_DATA),
    ):
        lines += [Line(began if n % 2 == 0 else ended, mark) for n, mark in enumerate(marks)]
        held += [(b, e, shown) for b, e in zip(marks[::2], [*marks[1::2], None], strict=False)]
    found = stretches(sorted(lines, key=lambda line: line.at_ms), outages, 0, DAY, born_ms=born)
    assert found[0].start_ms == 0
    assert found[-1].end_ms == DAY
    assert all(a.end_ms == b.start_ms and a.shown is not b.shown for a, b in pairwise(found))
    for one in found:
        for instant in {one.start_ms, (one.start_ms + one.end_ms) // 2, one.end_ms - 1}:
            assert at(instant, held) is one.shown, (instant, one)


def test_no_time_has_no_stretches() -> None:
    assert stretches([], [(0, None)], 5, 5) == []
    assert stretches([], [(0, None)], 9, 5) == [], "a line that begins after it ends"
