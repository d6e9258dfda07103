"""Coverage: the gaps against a slow walk; the contract's split day; important periods."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput
from taxops.engines.worktime import shipped
from taxops.systems.operations.roster.rules import (
    Gap,
    Pattern,
    Period,
    Requirement,
    Span,
    coverage,
    duty_spans,
    needs,
)
from taxops.systems.operations.roster.rules.spans import DAY, midnight

pytestmark = pytest.mark.same_everywhere
DAY1 = date(2026, 6, 1)
M = midnight(DAY1)
C12, C24 = shipped("onsite7x12"), shipped("always")
STEP = 1800


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 140), st.integers(1, 60), st.integers(1, 3)), max_size=8),
    st.integers(1, 2),
    st.sampled_from(["onsite7x12", "always"]),
    st.booleans(),
)
def test_gaps_are_what_a_walk_finds(
    rows: list[tuple[int, int, int]], people: int, calendar: str, special: bool
) -> None:
    spans = [Span(M + a * STEP, M + (a + n) * STEP, 1, p) for a, n, p in rows]
    periods = [Period(DAY1 + timedelta(days=1), DAY1 + timedelta(days=1), C24, 2, "会议")] if special else []
    found = coverage(spans, needs(Requirement(shipped(calendar), people, periods), M, M + 3 * DAY))
    required = covered = 0
    for t in range(M, M + 3 * DAY, STEP):
        in_period = special and M + DAY <= t < M + 2 * DAY
        must = max(people, 2) if in_period else people
        is_open = in_period or shipped(calendar).is_open(t)
        have = len({s.person_id for s in spans if s.start <= t < s.end})
        gap = [g for g in found.gaps if g.start <= t < g.end]
        required += is_open * STEP
        covered += (is_open and have >= must) * STEP
        assert [(g.need, g.have) for g in gap] == ([(must, have)] if is_open and have < must else [])
    assert (found.required_s, found.covered_s) == (required, covered)
    assert required - covered == sum(g.seconds for g in found.gaps)


def test_the_split_day_is_covered_to_the_minute() -> None:
    full = Pattern(1, ((7,),), DAY1, windows=((27000, 43200), (52200, 79200)))
    late = Pattern(1, ((7,),), DAY1, windows=((27000, 43200), (54000, 79200)))
    required = needs(Requirement(C12), M, M + DAY)
    assert coverage(duty_spans([full], [], M, M + DAY), required).share == 1
    found = coverage(duty_spans([late], [], M, M + DAY), required)
    assert found.gaps == [Gap(M + 52200, M + 54000, 1, 0)]
    assert (found.required_s, found.covered_s) == (43200, 41400)


def test_an_important_period_asks_for_all_hours_and_more_people() -> None:
    period = Period(DAY1, DAY1, C24, 2, "两会")
    required = needs(Requirement(C12, 1, [period]), M, M + 2 * DAY)
    assert [(n.start - M, n.end - M, n.people, n.period) for n in required] == [
        (0, DAY, 2, "两会"),
        (DAY + 27000, DAY + 43200, 1, ""),
        (DAY + 52200, DAY + 79200, 1, ""),
    ]


def test_around_the_clock_is_one_need_and_nothing_required_is_no_share() -> None:
    assert [(n.start, n.end) for n in needs(Requirement(C24), M, M + 30 * DAY)] == [(M, M + 30 * DAY)]
    assert coverage([], []).share is None
    with pytest.raises(BadInput):
        needs(Requirement(C24), M, M + 401 * DAY)
