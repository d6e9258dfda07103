"""What is kept of a recount: numbers as they are, cells as text, agreement to the last digit that matters."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from taxops.systems.quality5c.recounts.rules import Line, agree, lines_of, partition_words, plain

pytestmark = pytest.mark.same_everywhere


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (None, None), (3, 3), (1.5, 1.5), (True, True), ("甲", "甲"), (date(2025, 6, 1), "2025-06-01"),
        (datetime(2025, 6, 1, 8, 30, tzinfo=UTC), "2025-06-01 08:30+00:00"), (frozenset({1}), "frozenset({1})"),
    ],
)  # fmt: skip
def test_a_cell_is_kept_plain(cell: object, kept: object) -> None:
    assert plain(cell) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((1.0, 2.0, 0.5), (1.0, 2.0, 0.5), True),
        ((0.1 + 0.2, 1.0), (0.3, 1.0), True),
        ((None, 1.0), (None, 1.0), True),
        ((None, 1.0), (0.0, 1.0), False),
        ((1.0,), (None,), False),
        ((100.0,), (100.001,), False),
    ],
)
def test_two_figures_agree_or_do_not(
    one: tuple[float | None, ...], other: tuple[float | None, ...], same: bool
) -> None:
    assert agree(one, other) is same


def test_lines_come_back_as_they_were_kept() -> None:
    (line,) = lines_of([[7, 9, 10, 0.9, "trusted", ["样本少"], 8, 10, 0.8]])
    assert line == Line(7, 9, 10, 0.9, "trusted", ("样本少",), 8, 10, 0.8)
    assert line.moved == pytest.approx(0.1)
    assert line.differs
    assert Line(7, 1, 0, None, "na").moved is None


def test_partitions_are_said_in_words() -> None:
    assert partition_words({"tp": {"all": 1}, "oblig": {"2025-06": 2, "2025-05": 1}}) == [
        ("oblig", ["2025-05（第 1 次装载）", "2025-06（第 2 次装载）"]),
        ("tp", ["全表（第 1 次装载）"]),
    ]
