"""Presence: on time, late, absent, the split day, places."""

from __future__ import annotations

import pytest

from taxops.systems.operations.roster.rules import Sign, Span, attendance, distance_m

pytestmark = pytest.mark.same_everywhere
MORNING, AFTERNOON = Span(27000, 43200, 1, 7), Span(52200, 79200, 1, 7)


@pytest.mark.parametrize(
    ("signed", "now", "states"),
    [
        ([], 27000, ["due", "due"]),
        ([], 27601, ["absent", "due"]),
        ([26000], 99999, ["on_time", "on_time"]),
        ([27600], 99999, ["on_time", "on_time"]),
        ([27601], 99999, ["late", "on_time"]),
        ([19799], 99999, ["absent", "absent"]),
        ([52000], 99999, ["absent", "on_time"]),
    ],
)
def test_what_sign_ins_say(signed: list[int], now: int, states: list[str]) -> None:
    signs = [Sign(1, 7, t) for t in signed]
    assert [str(a.presence) for a in attendance([MORNING, AFTERNOON], signs, now)] == states


def test_who_signed_out_must_sign_in_again() -> None:
    signs = [Sign(1, 7, 27000), Sign(1, 7, 43200, "out")]
    assert [str(a.presence) for a in attendance([MORNING, AFTERNOON], signs, 99999)] == ["on_time", "absent"]


def test_another_post_or_person_does_not_count() -> None:
    signs = [Sign(2, 7, 27000), Sign(1, 8, 27000)]
    assert str(attendance([MORNING], signs, 99999)[0].presence) == "absent"


def test_distances() -> None:
    assert distance_m((43.88, 125.32), (43.88, 125.32)) == 0
    assert round(distance_m((43.88, 125.32), (43.89, 125.32))) == 1112
