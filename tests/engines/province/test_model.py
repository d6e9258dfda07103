"""Plans, streams of chance, coded columns."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.province.model import Coded, Size, pick, sigmoid

from .conftest import tiny_plan

pytestmark = pytest.mark.same_everywhere


def test_months_are_counted_from_the_start() -> None:
    plan = tiny_plan()
    assert [str(plan.month(n)) for n in (-1, 0, 2)] == ["2024-10", "2024-11", "2025-01"]
    assert str(plan.first_day(2)) == "2025-01-01"


def test_streams_of_chance_do_not_disturb_each_other() -> None:
    plan = tiny_plan()
    alone = plan.chance("b", 1).random(3)
    plan.chance("a", 1).random(1_000)
    assert np.array_equal(plan.chance("b", 1).random(3), alone)
    assert not np.array_equal(plan.chance("b", 2).random(3), alone)


def test_a_coded_column_knows_its_words() -> None:
    column = Coded(np.array([1, 0, 1, -1]), ("东区经营部", "西县公司"))
    assert column.mask("西县公司").tolist() == [True, False, True, False]
    assert column.take(np.array([1])).ends("经营部").tolist() == [True]
    assert len(column) == 4


def test_picks_follow_the_odds() -> None:
    drawn = pick(tiny_plan().chance("x"), ("often", "never"), (1, 0), 50)
    assert drawn.mask("often").all()


def test_the_size_says_how_many_unless_the_plan_does() -> None:
    assert [s.taxpayers for s in Size] == [5_000, 60_000, 1_000_000]
    assert (tiny_plan().taxpayers, tiny_plan(count=0).taxpayers) == (900, 5_000)
    assert sigmoid(np.array([0.0]))[0] == 0.5
