"""Small components as HTML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from taxops.engines.base import Choices
from taxops.web.kit import State, Tone, components
from taxops.web.kit.tones import SHAPES, state_of, tone_of

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


class Light(Choices):
    """A light (灯)."""

    DOWN = "down", "中断"
    ODD = "odd", "<b>奇怪</b>"


def test_each_tone_has_its_own_shape() -> None:
    assert len(set(SHAPES.values())) == len(list(Tone))


def test_state_says_word_tone_and_shape() -> None:
    html = components.state(Light.DOWN)
    assert "tx-bad" in html
    assert "■" in html
    assert "中断" in html


def test_words_are_escaped() -> None:
    assert "<b>" not in components.state(Light.ODD)
    assert "<b>" not in components.tags(["<b>"])
    assert "<b>" not in components.org("<b>")


def test_page_decides_where_the_usual_tone_does_not_fit() -> None:
    assert tone_of("down") is Tone.BAD
    assert tone_of("down", {"down": Tone.PLAIN}) is Tone.PLAIN
    assert tone_of("never-heard-of") is Tone.PLAIN
    assert state_of(State("草稿")).tone is Tone.PLAIN


@pytest.mark.parametrize(
    ("_case", "left", "stopped", "tone", "words"),
    [
        ("fine", timedelta(hours=2), False, "tx-good", "剩 2 小时"),
        ("near", timedelta(minutes=29), False, "tx-warning", "剩 29 分"),
        ("at the border", timedelta(0), False, "tx-warning", "剩 0 秒"),
        ("over", timedelta(minutes=-5), False, "tx-bad", "超时 5 分"),
        ("stopped", timedelta(minutes=-5), True, "tx-suspended", "已停表"),
    ],
)
def test_clock(_case: str, left: timedelta, stopped: bool, tone: str, words: str) -> None:
    html = components.clock(NOW + left, NOW, stopped=stopped)
    assert tone in html
    assert words in html


def test_nothing_is_a_dash_everywhere() -> None:
    for draw in (components.state, components.when, components.duration, components.money, components.org):
        assert "—" in draw(None)  # type: ignore[operator]
    assert "—" in components.tags([])
    assert "—" in components.sparkline([None, None])
    assert "—" in components.clock(None, NOW)


def test_sparkline_keeps_gaps_and_survives_zeros_and_one_point() -> None:
    assert components.sparkline([1, None, 2, 3]).count("<polyline") == 2
    assert "nan" not in components.sparkline([0, 0, 0])
    assert components.sparkline([5.0]).count("<polyline") == 1
    assert "最小 1，最大 3" in components.sparkline([1, 3, 2])
