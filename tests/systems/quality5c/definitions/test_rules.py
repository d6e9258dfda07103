"""Figures: roll-up by sums, division by zero, targets, differences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.indicators import State as FigureState
from taxops.systems.quality5c.definitions.rules import (
    differences,
    figure_of,
    gap_of,
    missed,
    roll_up,
    shrunk,
)
from taxops.systems.quality5c.definitions.showing import met_words

pytestmark = pytest.mark.same_everywhere


@pytest.mark.parametrize(
    ("num", "den", "more", "value", "state"),
    [
        (97, 100, {}, 0.97, "trusted"),
        (2, 4, {"scale": 10_000}, 5000.0, "trusted"),
        (9, 10, {"min_den": 30}, 0.9, "small"),
        (0, 0, {}, None, "na"),
        (None, 5, {}, None, "missing"),
        (5, None, {}, None, "missing"),
        (1500, None, {"has_den": False}, 1500, "trusted"),
    ],
)
def test_a_figure_of_numerator_and_denominator(
    num: float | None, den: float | None, more: dict[str, float], value: float | None, state: str
) -> None:
    found = figure_of(num, den, **more)  # type: ignore[arg-type]
    assert (found.value, found.state) == (value, FigureState(state))


def test_ratios_roll_up_by_sums_and_not_by_averaging() -> None:
    parents = {"p": None, "c1": "p", "c2": "p", "b": "c1"}
    total = roll_up({"b": (1, 1), "c1": (9, 10), "c2": (0, 89)}, parents)
    assert total == {"b": (1, 1), "c1": (10, 11), "c2": (0, 89), "p": (10, 100)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 8)), max_size=12))
def test_every_level_adds_up_to_the_units_below(rows: list[tuple[int, int, int]]) -> None:
    parents: dict[str, str | None] = {"0": None, **{str(n): str((n - 1) // 2) for n in range(1, 9)}}
    own: dict[str, tuple[float | None, float | None]] = {}
    for num, den, at in rows:
        own[str(at)] = (float(num), float(den))
    total = roll_up(own, parents)
    for unit in total:
        below = [u for u in own if _under(u, unit, parents)]
        assert total[unit] == (sum(own[u][0] or 0 for u in below), sum(own[u][1] or 0 for u in below))


def _under(unit: str | None, above: str, parents: dict[str, str | None]) -> bool:
    while unit is not None:
        if unit == above:
            return True
        unit = parents[unit]
    return False


def test_targets_look_the_way_the_indicator_does() -> None:
    assert missed(0.94, 0.95, "up")
    assert not missed(0.96, 0.95, "up")
    assert missed(0.09, 0.08, "down")
    assert not missed(5, 1, "range")
    assert not missed(None, 1, "up")
    assert shrunk(1, 2, 0.9, 8) == pytest.approx(0.82)


def test_differences_name_the_key_with_what_was_and_is() -> None:
    before = {"name": "甲", "num": {"where": "a"}, "targets": {"goal": 0.9}}
    after = {"name": "甲", "num": {"where": "b"}, "filter": "c"}
    assert [(d.key, d.before, d.after) for d in differences(before, after)] == [
        ("num.where", "a", "b"), ("targets.goal", "0.9", ""), ("filter", "", "c"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "direction", "average", "verdict", "gap"),
    [
        (0.98, "up", 0.97, "优势", 0.01),
        (0.96, "up", 0.97, "劣势", -0.01),
        (0.02, "down", 0.03, "优势", 0.01),
        (0.97, "up", 0.97, "持平", 0.0),
        (0.97, "up", None, "无对照", None),
        (None, "up", 0.97, "无对照", None),
        (5.0, "range", 4.0, "适度", 1.0),
    ],
)
def test_more_is_better_whatever_the_direction(
    value: float | None, direction: str, average: float | None, verdict: str, gap: float | None
) -> None:
    found = gap_of(value, direction, average=average, best=None, target=None)
    assert (found.verdict, found.to_average) == (verdict, gap)


@pytest.mark.parametrize(
    ("value", "direction", "target", "met", "words"),
    [
        (0.98, "up", 0.99, False, ("未达标", "warning", "-1.00%")),
        (0.99, "up", 0.99, True, ("达标", "good", "0.00%")),
        (0.02, "down", 0.03, True, ("达标", "good", "+1.00%")),
        (0.04, "down", 0.03, False, ("未达标", "warning", "-1.00%")),
        (0.04, "range", 0.03, None, ("—", "plain", "+1.00%")),
        (None, "up", 0.99, None, ("—", "unknown", "—")),
        (0.98, "up", None, None, ("—", "unknown", "—")),
    ],
)
def test_a_target_is_met_on_the_better_side(
    value: float | None, direction: str, target: float | None, met: bool | None, words: tuple[str, str, str]
) -> None:
    found = gap_of(value, direction, average=None, best=None, target=target)
    assert found.met is met
    assert met_words(found, "percent") == words
