"""Windows as people write them (班次时段): `07:30-12:00 14:30-22:00`, past midnight as `22:00-07:30`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from taxops.engines.base import BadInput

from .spans import DAY, Stretch

_WINDOW = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(次日)?\s*(\d{1,2})[:：](\d{2})")


def parse_windows(text: str) -> tuple[Stretch, ...]:
    """Return the windows of a day in seconds since midnight; an end before the begin lies on the next day.

    >>> parse_windows("07:30-12:00，14:30-22:00")
    ((27000, 43200), (52200, 79200))
    >>> parse_windows("22:00-07:30")
    ((79200, 113400),)

    Raises:
        BadInput: something else is written there, or windows overlap.
    """
    found: list[Stretch] = []
    rest = _WINDOW.sub("", text)
    if re.sub(r"[\s,，、;；]", "", rest):
        raise BadInput(
            f"班次时段「{text[:40]}」无法识别。",
            "写作 07:30-12:00 14:30-22:00；跨夜写作 22:00-07:30。",
            field="windows",
        )
    for m in _WINDOW.finditer(text):
        a, b = int(m[1]) * 3600 + int(m[2]) * 60, int(m[4]) * 3600 + int(m[5]) * 60
        if a >= DAY or b > DAY or int(m[2]) > 59 or int(m[5]) > 59:
            raise BadInput(f"班次时段「{m[0]}」不是钟点。", "写作 07:30 或 24:00。", field="windows")
        if m[3] or b <= a:
            b += DAY
        if b - a > DAY:
            raise BadInput(f"班次时段「{m[0]}」超过 24 小时。", field="windows")
        found.append((a, b))
    found.sort()
    if not found:
        raise BadInput("请填写班次时段。", "写作 07:30-12:00 14:30-22:00。", field="windows")
    if any(b > c for (_, b), (c, _) in pairwise(found)) or found[-1][1] - DAY > found[0][0]:
        raise BadInput("班次时段互相重叠。", "请检查各段起止。", field="windows")
    return tuple(found)


def windows_text(windows: Iterable[Stretch]) -> str:
    """Return windows as people write them.

    >>> windows_text([(27000, 43200), (79200, 113400)])
    '07:30-12:00 22:00-次日07:30'
    """

    def clock(second: int) -> str:
        return f"{second // 3600:02d}:{second % 3600 // 60:02d}"

    return " ".join(f"{clock(a)}-{clock(b) if b <= DAY else '次日' + clock(b - DAY)}" for a, b in windows)
