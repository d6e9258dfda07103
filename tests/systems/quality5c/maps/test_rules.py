"""Levels of a map: by targets, by thirds, or none."""

from __future__ import annotations

import pytest

from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.maps.rules import levelled

pytestmark = pytest.mark.same_everywhere
TARGETS = {"goal": 0.99, "alert": 0.97, "red": 0.95}


def figures(*values: float | None) -> dict[int, Figure]:
    return {n: Figure(1, 1, v) for n, v in enumerate(values, start=1)}


def test_with_targets_a_value_is_measured_by_them() -> None:
    tones, legend = levelled(figures(0.995, 0.99, 0.98, 0.96, 0.9, None), "up", TARGETS, "percent")
    assert list(tones.values()) == ["good", "good", "plain", "warning", "bad", "none"]
    assert [one.words for one in legend] == [
        "达到目标 99.00%", "未达目标", "低于警戒值 97.00%", "低于红线 95.00%", "没有数",
    ]  # fmt: skip
    tones, legend = levelled(figures(1, 2, 3), "down", {"goal": 1, "red": 2}, "days")
    assert list(tones.values()) == ["good", "plain", "bad"]
    assert legend[-1].words == "高于红线 2.00 天"


def test_without_targets_units_are_parted_in_thirds() -> None:
    tones, legend = levelled(figures(1, 6, 2, 5, 3, 4), "up", {}, "number")
    assert list(tones.values()) == ["warning", "good", "warning", "good", "plain", "plain"]
    assert len(legend) == 3
    assert set(levelled(figures(2, 2, 2), "down", {}, "number")[0].values()) == {"good"}
    assert levelled({}, "up", {}, "number")[0] == {}


def test_where_nothing_is_better_nobody_is_judged() -> None:
    tones, _ = levelled(figures(1, 2, None), "range", TARGETS, "number")
    assert list(tones.values()) == ["plain", "plain", "none"]
