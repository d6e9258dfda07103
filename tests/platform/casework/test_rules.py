"""Mentions, numbers, delivery inside hours."""

from __future__ import annotations

import pytest

from taxops.engines.base import parse_instant
from taxops.engines.worktime import shipped
from taxops.platform.casework.rules import delivered_at, mentions, number_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@a 和@b", ["a"]),
        ("@a，@b", ["a", "b"]),
        ("mail a@b.c", []),
        ("@a.b. 完", ["a.b"]),
        ("@张三 好", ["张三"]),
    ],
)
def test_mentions(text: str, names: list[str]) -> None:
    assert mentions(text) == names


@pytest.mark.parametrize(
    ("due", "out"),
    [("06-01 12:00", "06-01 14:30"), ("06-01 22:00", "06-02 07:30"), ("06-01 11:59", "06-01 11:59"),
     ("06-02 00:00", "06-02 07:30")],
)  # fmt: skip
def test_notices_wait_for_the_calendar(due: str, out: str) -> None:
    calendar = shipped("onsite7x12")
    at = int(parse_instant(f"2026-{due}").timestamp())
    assert delivered_at(at, calendar, urgent=False) == int(parse_instant(f"2026-{out}").timestamp())
    assert delivered_at(at, calendar, urgent=True) == at


def test_numbers_grow_beyond_four_digits() -> None:
    assert number_of("QQ", "20260601", 12345) == "QQ20260601-12345"
