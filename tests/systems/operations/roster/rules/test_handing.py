"""Hand-overs: where one follows another."""

from __future__ import annotations

import pytest

from taxops.systems.operations.roster.rules import Boundary, Span, boundaries, handover_state

pytestmark = pytest.mark.same_everywhere


def test_the_next_person_takes_over_even_after_a_break() -> None:
    spans = [Span(0, 4, 1, 7), Span(6, 8, 1, 7), Span(20, 24, 1, 8), Span(24, 30, 1, 9), Span(0, 30, 2, 5)]
    assert boundaries(spans) == [Boundary(1, 20, (7,), (8,)), Boundary(1, 24, (8,), (9,))]


def test_who_joins_or_leaves_beside_others_hands_nothing_over() -> None:
    assert boundaries([Span(0, 10, 1, 7), Span(4, 10, 1, 8), Span(10, 12, 1, 8)]) == []
    assert boundaries([Span(0, 10, 1, 7), Span(0, 5, 1, 8), Span(5, 10, 1, 9)]) == [
        Boundary(1, 5, (8,), (9,))
    ]


@pytest.mark.parametrize(
    ("written", "accepted", "now", "state"),
    [
        (False, False, 0, "due"),
        (False, False, 3601, "missed"),
        (True, False, 9999, "written"),
        (True, True, 0, "accepted"),
    ],
)
def test_states(written: bool, accepted: bool, now: int, state: str) -> None:
    assert handover_state(0, written, accepted, now) == state
