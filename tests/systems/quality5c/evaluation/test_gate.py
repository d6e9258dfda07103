"""The data-quality gate: what counts, what is let pass, and what alone forbids publication."""

from __future__ import annotations

import doctest

import pytest

from taxops.systems.quality5c.evaluation import gate
from taxops.systems.quality5c.evaluation.gate import CONTROL, quality_of

pytestmark = pytest.mark.same_everywhere


def test_its_examples_are_true() -> None:
    told = doctest.testmod(gate)
    assert told.attempted == 2
    assert told.failed == 0


@pytest.mark.parametrize(
    ("states", "most", "share", "refused"),
    [
        ({"trusted": 8, "missing": 1, "doubtful": 1}, 20, 20.0, False),
        ({"trusted": 79, "missing": 20, "doubtful": 1}, 20, 21.0, True),
        ({"trusted": 8, "small": 2, "na": 90}, 0, 0.0, False),
        ({"trusted": 9, "missing": 1}, 0, 10.0, True),
        ({"missing": 5}, None, 100.0, False),
        ({"missing": 5}, 100, 100.0, False),
        ({}, 0, 0.0, False),
    ],
)
def test_exactly_the_limit_passes_and_what_does_not_apply_is_left_out(
    states: dict[str, int], most: int | None, share: float, refused: bool
) -> None:
    found = quality_of(states, most, [])
    assert found.share == pytest.approx(share)
    assert bool(found.refused()) is refused


def test_one_failed_control_total_is_enough_and_other_checks_are_not() -> None:
    good = {"trusted": 100}
    assert not quality_of(good, 20, [("C101", "nulls", "空值 30%")]).refused()
    said = quality_of(good, None, [("C101", CONTROL, "控制总数「申报」为 10，实有 9 行")]).refused()
    assert said == "控制总数核对不通过：C101 控制总数「申报」为 10，实有 9 行。"
