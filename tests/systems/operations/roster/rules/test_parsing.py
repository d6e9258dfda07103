"""Windows as people write them."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.roster.rules import parse_windows, windows_text

pytestmark = pytest.mark.same_everywhere


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("07:30-12:00 14:30-22:00", ((27000, 43200), (52200, 79200))),
        ("0:00-24:00", ((0, 86400),)),
        ("22：00—次日07：30", ((79200, 113400),)),
        ("8:00至8:00", ((28800, 115200),)),
    ],
)
def test_good_ones(text: str, windows: tuple[tuple[int, int], ...]) -> None:
    assert parse_windows(text) == windows
    assert parse_windows(windows_text(windows)) == windows


@pytest.mark.parametrize(
    "text",
    [
        "",
        "早班",
        "7点到12点",
        "25:00-26:00",
        "07:70-08:00",
        "08:00-12:00 11:00-13:00",
        "20:00-08:00 07:00-09:00",
        "08:00-次日09:00",
    ],
)
def test_bad_ones(text: str) -> None:
    with pytest.raises(BadInput):
        parse_windows(text)
