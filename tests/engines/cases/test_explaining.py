"""The explanation shows the arithmetic as a person would do it."""

from __future__ import annotations

from taxops.engines.cases import explain

from .sample import KIND, at, calendars, opened, take


def test_every_line_adds_up() -> None:
    h = take(opened("06-01 11:00"), "accept", "06-01 11:10")
    h = take(h, "wait", "06-01 11:30", wait_reason="wait_requester", wait_evidence="电话")
    h = take(h, "continue", "06-01 16:00")
    [(clock, lines)] = explain(KIND, h, calendars, at("06-01 16:10"))
    assert clock.elapsed_seconds == 2400
    assert lines[0] == "解决时限：小于 2 小时，日历 驻场 7*12，依据 GX:463"
    assert [line.split("　")[2] for line in lines[1:]] == [
        "+0 秒，累计 0 秒，计时中",
        "+10 分，累计 10 分，计时中",
        "+20 分，累计 30 分，已暂停",
        "+0 秒，累计 30 分，计时中",
        "+10 分，累计 40 分，计时中，未超时，到期 2026-06-01 17:30:00",
    ]
