"""Which figures break a rule, ranks against a slow reference, and what may be done next."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, Conflict, NotPermitted
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.signals.rules import (
    Rule,
    check_rule,
    due_on,
    is_late,
    raised,
    ranks,
    step,
    words_of,
)
from taxops.systems.quality5c.signals.words import SignalAct, SignalState

pytestmark = pytest.mark.same_everywhere


def figures(*values: float | None) -> dict[int, Figure]:
    return {n: Figure(1, 1, v) for n, v in enumerate(values, start=1)}


@pytest.mark.parametrize(
    ("kind", "side", "limit", "found"),
    [
        ("threshold", "below", 0.95, [3]),
        ("threshold", "above", 0.95, [2]),
        ("threshold", "below", 0.90, []),
        ("change", "below", 0.02, [3]),
        ("change", "below", 0.03, []),
        ("change", "above", 0.01, [2]),
        ("drop", "below", 1, [1]),
        ("drop", "below", 2, []),
        ("drop", "above", 1, [2]),
    ],
)
def test_what_breaks_a_rule(kind: str, side: str, limit: float, found: list[int]) -> None:
    before, now = figures(0.95, 0.94, 0.93, None, 0.9), figures(0.95, 0.97, 0.90, 0.1, None)
    now[4] = Figure(1, 1, 0.1, "small")
    assert [r.org for r in raised(Rule(kind, side, limit), now, before)] == found


def test_without_a_period_before_only_thresholds_speak() -> None:
    now = figures(0.5, 0.6)
    assert [r.org for r in raised(Rule("threshold", "below", 0.55), now, {})] == [1]
    assert raised(Rule("change", "below", 0.01), now, {}) == []
    assert raised(Rule("drop", "below", 1), now, {}) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5) | st.none(), max_size=8), st.sampled_from(["below", "above"]))
def test_ranks_count_the_better_ones(values: list[int | None], side: str) -> None:
    found = ranks(figures(*values), side)
    known = [v for v in values if v is not None]
    for org, v in enumerate(values, start=1):
        if v is None:
            assert org not in found
        else:
            assert found[org] == 1 + sum(o > v if side == "below" else o < v for o in known)


def test_words_say_what_happened() -> None:
    (one,) = raised(Rule("change", "below", 0.02), figures(0.90), figures(0.95))
    assert words_of(Rule("change", "below", 0.02), one, "percent") == "由 95.00% 到 90.00%，下降 5.00%"
    (worst,) = raised(Rule("drop", "above", 2), figures(9, 1, 2), figures(0, 1, 2))
    assert words_of(Rule("drop", "above", 2), worst, "days") == "名次由第 1 到第 3，下降 2 名（9.00 天）"
    (over,) = raised(Rule("threshold", "above", 3), figures(4), {})
    assert words_of(Rule("threshold", "above", 3), over, "minutes") == "4.00 分钟，高于界限 3.00 分钟"


@pytest.mark.parametrize(
    ("kind", "limit", "unit"),
    [("drop", 0, "percent"), ("drop", 1.5, "percent"), ("change", 0, "days"), ("change", -1, "days"),
     ("threshold", 97, "percent")],
)  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused(kind: str, limit: float, unit: str) -> None:
    with pytest.raises(BadInput):
        check_rule(Rule(kind, "below", limit), unit)
    check_rule(Rule("threshold", "below", 97), "days")


def test_the_last_day_is_counted_in_china() -> None:
    late_evening = datetime(2026, 6, 1, 17, tzinfo=UTC)
    assert due_on(late_evening, 10) == date(2026, 6, 12)
    assert not is_late("open", date(2026, 6, 2), late_evening)
    assert is_late("open", date(2026, 6, 1), late_evening)
    assert not is_late("answered", date(2026, 6, 1), late_evening)


@pytest.mark.parametrize("act", list(SignalAct))
@pytest.mark.parametrize("state", list(SignalState))
def test_steps(state: SignalState, act: SignalAct) -> None:
    allowed = {("open", "answer"): "answered", ("answered", "accept"): "closed", ("answered", "return"): "open",
               ("open", "clear"): "cleared"}  # fmt: skip
    if after := allowed.get((state.value, act.value)):
        assert step(state.value, act, answered_by=1, actor=2).value == after
    else:
        with pytest.raises(Conflict):
            step(state.value, act)


def test_nobody_decides_on_his_own_answer() -> None:
    for act in (SignalAct.ACCEPT, SignalAct.RETURN):
        with pytest.raises(NotPermitted):
            step("answered", act, answered_by=1, actor=1)
