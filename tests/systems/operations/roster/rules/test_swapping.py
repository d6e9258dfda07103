"""Swaps: who may ask, answer, decide."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted
from taxops.systems.operations.roster.rules import (
    Span,
    require_answerable,
    require_decidable,
    require_swappable,
)

pytestmark = pytest.mark.same_everywhere
SPANS = [Span(0, 10, 1, 7), Span(20, 30, 1, 8)]


def test_one_gives_what_one_has_to_somebody_free() -> None:
    require_swappable(SPANS, 7, 8, 0, 10)
    for person, other, start, end in (
        (7, 7, 0, 10),
        (7, 8, 10, 0),
        (7, 8, 12, 15),
        (7, 8, 5, 25),
        (9, 8, 0, 10),
    ):
        with pytest.raises(BadInput):
            require_swappable(SPANS, person, other, start, end)


def test_only_the_one_asked_answers_and_a_third_decides() -> None:
    require_answerable("requested", 8, 8)
    require_decidable("accepted", (7, 8), 9)
    for actor in (7, 9, None):
        with pytest.raises(NotPermitted):
            require_answerable("requested", 8, actor)
    for actor in (7, 8):
        with pytest.raises(NotPermitted):
            require_decidable("accepted", (7, 8), actor)
    for state in ("approved", "refused", "withdrawn"):
        with pytest.raises(Conflict):
            require_answerable(state, 8, 8)
        with pytest.raises(Conflict):
            require_decidable(state, (7, 8), 9)
