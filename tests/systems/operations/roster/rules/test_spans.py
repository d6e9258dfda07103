"""Spans: against a slow walk, minute by minute, that applies the words of the rule directly."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput
from taxops.engines.worktime import shipped_legal_days
from taxops.systems.operations.roster.rules import Override, Pattern, Span, duty_spans, on_duty_at
from taxops.systems.operations.roster.rules.spans import (
    DAY,
    group_on,
    joined,
    local_day,
    midnight,
    runs_on,
    without,
)
from taxops.systems.operations.roster.words import Change

pytestmark = pytest.mark.same_everywhere
FIRST = date(2026, 9, 24)  # 中秋 and 国庆 follow, with their make-up days
LEGAL = shipped_legal_days()
STEP = 1800


def at(day: int, hour: int, minute: int = 0) -> int:
    return int((datetime(2026, 6, 1, hour, minute, tzinfo=CHINA) + timedelta(days=day - 1)).timestamp())


def slow(patterns: list[Pattern], overrides: list[Override], t: int) -> set[tuple[int, int]]:
    """Return who stands at one instant, by reading the rule aloud."""
    here: set[tuple[int, int]] = set()
    for pattern in patterns:
        for back in (0, 1):
            day = local_day(t) - timedelta(days=back)
            if runs_on(pattern, day, LEGAL):
                second = t - midnight(day)
                if any(a <= second < b for a, b in pattern.windows):
                    here |= {(pattern.post_id, p) for p in group_on(pattern, day)}
    for one in overrides:
        if not one.start <= t < one.end:
            continue
        me = (one.post_id, one.person_id)
        if one.change == Change.ADD:
            here.add(me)
        elif one.change == Change.REMOVE:
            here.discard(me)
        elif one.change == Change.REPLACE and me in here and one.other_id is not None:
            here.discard(me)
            here.add((one.post_id, one.other_id))
        elif one.change == Change.ONLY:
            here = {h for h in here if h[0] != one.post_id} | {me}
    return here


_GROUP = st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True).map(tuple)
_WINDOWS = st.sampled_from(
    [((27000, 43200), (52200, 79200)), ((0, DAY),), ((79200, 113400),), ((28800, 57600),), ((57600, 115200),)]
)
_PATTERN = st.builds(
    Pattern,
    post_id=st.integers(1, 2),
    groups=st.lists(_GROUP, min_size=1, max_size=3).map(tuple),
    first_on=st.integers(0, 6).map(lambda n: FIRST + timedelta(days=n)),
    last_on=st.none() | st.integers(3, 9).map(lambda n: FIRST + timedelta(days=n)),
    turn_days=st.sampled_from([1, 2, 7]),
    windows=_WINDOWS,
    days=st.sampled_from(["all", "working", "rest"]),
)


@st.composite
def _override(draw: st.DrawFn) -> Override:
    begin = midnight(FIRST) + draw(st.integers(-4, 400)) * STEP
    return Override(
        draw(st.integers(1, 2)),
        draw(st.sampled_from([c.value for c in Change])),
        begin,
        begin + draw(st.integers(1, 90)) * STEP,
        draw(st.integers(1, 5)),
        draw(st.integers(1, 5)),
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_PATTERN, max_size=3),
    st.lists(_override(), max_size=4),
    st.integers(0, 300),
    st.integers(1, 150),
)
def test_spans_are_what_a_walk_finds(
    patterns: list[Pattern], overrides: list[Override], begin: int, length: int
) -> None:
    start = midnight(FIRST) + begin * STEP
    end = start + length * STEP
    spans = duty_spans(patterns, overrides, start, end, LEGAL)
    assert all(start <= s.start < s.end <= end for s in spans)
    for t in range(start, end, STEP):
        fast = [(s.post_id, s.person_id) for s in spans if s.start <= t < s.end]
        assert len(fast) == len(set(fast))
        assert set(fast) == slow(patterns, overrides, t)
    if overrides and not patterns:
        assert {(s.post_id, s.person_id) for s, _ in on_duty_at([], overrides, start)} == slow(
            [], overrides, start
        )


def test_the_split_day_of_the_contract() -> None:
    pattern = Pattern(
        1, ((7,), (8,)), date(2026, 6, 1), turn_days=1, windows=((27000, 43200), (52200, 79200))
    )
    spans = duty_spans([pattern], [], at(1, 0), at(3, 0))
    assert spans == [
        Span(at(1, 7, 30), at(1, 12), 1, 7),
        Span(at(1, 14, 30), at(1, 22), 1, 7),
        Span(at(2, 7, 30), at(2, 12), 1, 8),
        Span(at(2, 14, 30), at(2, 22), 1, 8),
    ]


def test_a_night_shift_belongs_to_the_day_it_began() -> None:
    night = Pattern(1, ((7,), (8,)), date(2026, 6, 1), windows=((79200, 113400),))
    assert duty_spans([night], [], at(2, 0), at(2, 12)) == [Span(at(2, 0), at(2, 7, 30), 1, 7)]
    assert duty_spans([night], [], at(1, 0), at(1, 12)) == []


def test_working_days_follow_the_legal_table() -> None:
    office = Pattern(1, ((7,),), date(2026, 9, 1), days="working", windows=((30600, 64800),))
    begin, end = date(2026, 9, 18), date(2026, 10, 12)
    spans = duty_spans([office], [], midnight(begin), midnight(end), LEGAL)
    days = {local_day(s.start) for s in spans}
    assert date(2026, 10, 1) not in days
    assert date(2026, 10, 9) in days
    every = [begin + timedelta(days=n) for n in range((end - begin).days)]
    assert days == {d for d in every if LEGAL.day_class(d) == "working"}
    with pytest.raises(BadInput):
        duty_spans([office], [], midnight(date(2028, 1, 1)), midnight(date(2028, 1, 2)), LEGAL)


def test_who_is_on_duty_and_until_when() -> None:
    day = Pattern(1, ((7,), (8,)), date(2026, 6, 1), windows=((0, DAY),))
    one = Pattern(2, ((9,),), date(2026, 6, 1), windows=((0, DAY),))
    found = on_duty_at([day, one], [], at(1, 10))
    assert [(s.person_id, s.end, known) for s, known in found] == [(7, at(2, 0), True), (9, at(3, 10), False)]


def test_a_swap_moves_with_the_shift_and_gives_nothing_that_is_not_held() -> None:
    pattern = Pattern(1, ((7,), (8,)), date(2026, 6, 1), windows=((28800, 64800),))
    given = [Override(1, "replace", at(1, 0), at(3, 0), 7, 8)]
    spans = duty_spans([pattern], given, at(1, 0), at(3, 0))
    assert [(s.person_id, local_day(s.start).day) for s in spans] == [(8, 1), (8, 2)]


def test_stretches() -> None:
    assert joined([(3, 5), (1, 3), (7, 9), (8, 8)]) == [(1, 5), (7, 9)]
    assert without([(1, 5), (7, 9)], (4, 8)) == [(1, 4), (8, 9)]
    assert duty_spans([], [], 5, 5) == []
