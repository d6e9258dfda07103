"""Major matters, exams, windows, parameters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.cases import rules
from taxops.systems.operations.cases.catalogue import parameters

T = datetime(2026, 6, 1, tzinfo=UTC)


def h(hours: float) -> datetime:
    return T + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("examined", "failed", "unfit"), [(10, 3, False), (8, 3, True), (8, 2, False), (100, 31, True)]
)
def test_exams(examined: int, failed: int, unfit: bool) -> None:  # F1, F2
    assert rules.is_unfit(examined, failed, 30) is unfit


@pytest.mark.parametrize(("examined", "failed"), [(0, 0), (5, 6), (5, -1)])
def test_marks_that_cannot_be(examined: int, failed: int) -> None:
    with pytest.raises(BadInput):
        rules.is_unfit(examined, failed, 30)


def test_thirty_minutes_include_the_thirtieth() -> None:
    assert rules.is_major(T, T + timedelta(minutes=30), 30)
    assert not rules.is_major(T, T + timedelta(minutes=30, seconds=-1), 30)


@pytest.mark.parametrize(
    ("ground", "minutes", "refused"),
    [
        ("blocked", 30, False), ("stopped", 29, True), ("stalled", 0, True), ("security", 0, False),
        ("backflow", 1, False), ("opinion", 0, False), ("late", 0, False),
    ],
)  # fmt: skip
def test_only_stops_must_have_lasted(ground: str, minutes: int, refused: bool) -> None:  # spec 5.5
    until = T + timedelta(minutes=minutes)
    if refused:
        with pytest.raises(BadInput, match=f"只有 {minutes} 分钟"):
            rules.require_major(ground, T, until, 30)
    else:
        rules.require_major(ground, T, until, 30)


@pytest.mark.parametrize(
    ("windows", "end"),
    [
        ([], None),
        ([(h(-1), h(1))], h(1)),
        ([(h(0), h(1))], h(1)),
        ([(h(-1), h(0))], None),
        ([(h(1), h(2)), (h(-1), h(1))], h(2)),
        ([(h(-1), h(1)), (h(2), h(3))], h(1)),
    ],
)
def test_windows_that_touch_are_one(windows: list[tuple[datetime, datetime]], end: datetime | None) -> None:
    assert rules.within_windows(T, windows) == end


def test_parameters_are_dated_and_say_their_source() -> None:
    now = parameters(date(2026, 6, 1))
    assert (now.major_minutes, now.major_hours, now.exam_fail_percent) == (30, 4, 30)
    assert "JL:221" in now.source
    with pytest.raises(BadInput):
        parameters(date(2019, 1, 1))
    with pytest.raises(BadInput, match="major_hours"):
        rules.parameters_on(
            '[[parameter]]\nvalid_from = 2020-01-01\nmajor_minutes = 30\nsource = "x"', date(2026, 1, 1)
        )
