"""Instants go in and out of text and milliseconds without loss."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.base import BadInput, duration_words, from_millis, parse_instant, to_millis


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_survive_the_round_trip(millis: int) -> None:
    assert to_millis(from_millis(millis)) == millis


def test_text_without_offset_is_china_time() -> None:
    assert parse_instant("2026-06-01 10:00") == datetime(2026, 6, 1, 2, tzinfo=UTC)
    assert parse_instant("2026-06-01T10:00:00+00:00") == datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "昨天", "2026-13-01", "2026-02-30 10:00"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="不是时间"):
        parse_instant(text)


def test_a_naive_instant_is_a_bug() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_millis(datetime(2026, 6, 1))  # noqa: DTZ001  # the point of the test


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 秒"),
        (59.9, "59 秒"),
        (3600, "1 小时"),
        (3605, "1 小时"),
        (86400 * 3 + 7200, "3 天 2 小时"),
        (-61, "-1 分 1 秒"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
