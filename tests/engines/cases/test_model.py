"""The one colour of clocks."""

from __future__ import annotations

import pytest

from taxops.engines.cases import Face
from taxops.engines.worktime import State


@pytest.mark.parametrize(
    ("state", "elapsed", "breached", "problem", "tone"),
    [
        (State.RUNNING, 79, False, "", "fine"),
        (State.RUNNING, 80, False, "", "near"),
        (State.RUNNING, 120, True, "", "over"),
        (State.PAUSED, 90, False, "", "paused"),
        (State.STOPPED, 90, False, "", "met"),
        (State.STOPPED, 190, True, "", "over"),
        (State.RUNNING, 0, False, "没有 2027 年", "unknown"),
    ],
)
def test_a_clock_has_one_colour(state: State, elapsed: int, breached: bool, problem: str, tone: str) -> None:
    face = Face("c", "时限", state, elapsed, 100, False, "always", breached, None, 0, problem=problem)
    assert face.tone == tone
    assert face.part == elapsed / 100
