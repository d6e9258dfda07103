"""Invented values that the living page shows (样例数据): made from a row's key, the same each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import Choices
from taxops.web.kit import Chart, Series, State, Tone


class Health(Choices):
    """How a sample is (样例状态)."""

    OK = "ok", "正常"
    WARNING = "warning", "性能下降"
    DOWN = "down", "中断"
    UNKNOWN = "unknown", "未知"
    PAUSED = "paused", "已暂停"


_TURNS = (
    *(Health.OK,) * 6,
    Health.WARNING,
    Health.DOWN,
    Health.PAUSED,
    Health.UNKNOWN,
)


def health(row: Any) -> Health:
    """Return an invented state."""
    return _TURNS[(row.pk * 7) % len(_TURNS)]


def latency(row: Any) -> int | None:
    """Return an invented latency in milliseconds."""
    return None if health(row) is Health.DOWN else 40 + (row.pk * 7919) % 1860


def share(row: Any) -> float:
    """Return an invented availability."""
    return 1 - float((row.pk * 31) % 97) / 10_000


def amount(row: Any) -> int:
    """Return an invented amount in 分."""
    return int(row.pk * 1_234_567) % 987_654_321


def recent(row: Any) -> list[float | None]:
    """Return an invented series with a gap."""
    return [
        None if n == 9 and row.pk % 4 == 0 else float(20 + (row.pk * (n + 3) * 37) % 80) for n in range(24)
    ]


def seen_at(row: Any, now: datetime) -> datetime:
    """Return an invented time in the past."""
    return now - timedelta(minutes=(row.pk * 137) % 60_000)


def due_at(row: Any, now: datetime) -> datetime:
    """Return an invented deadline, some passed, some near."""
    return now + timedelta(minutes=(row.pk * 53) % 400 - 90)


STATES = [
    State("正常", Tone.GOOD),
    State("性能下降", Tone.WARNING),
    State("中断", Tone.BAD),
    State("未知", Tone.UNKNOWN),
    State("抖动", Tone.FLAPPING),
    State("维护中", Tone.SUSPENDED),
    State("处理中", Tone.ACTIVE),
    State("草稿", Tone.PLAIN),
]

_HOURS = [f"{hour:02d}:00" for hour in range(24)]


def charts() -> list[Chart]:
    """Return one chart of each kind."""
    wave = [round(120 + 80 * ((h * 5) % 7) / 7 + (300 if h == 15 else 0), 1) for h in range(24)]
    calm: list[float | int | None] = [
        None if h in {3, 4} else round(60 + 30 * ((h * 3) % 5) / 5, 1) for h in range(24)
    ]
    cities = ["南江市", "北河市", "东山市", "西岭市", "云湖市", "石门市"]
    return [
        Chart(
            title="申报接口响应时间",
            unit="毫秒",
            source="检查项 HTTP 探测，每 5 分钟一次，取小时中位数；缺口表示没有结果",
            categories=_HOURS,
            series=[
                Series(name="申报受理", values=wave, links=[f"/kit/list/?q={h}" for h in _HOURS]),
                Series(name="发票查验", values=calm),
            ],
        ),
        Chart(
            title="本月中断时长",
            unit="分钟",
            source="已确认的中断，扣除维护窗口",
            kind="bar",
            categories=cities,
            series=[Series(name="中断", values=[42, 7, 0, 18, 3, 65], tone="bad", links=["/kit/list/"] * 6)],
        ),
        Chart(
            title="事项办理情况",
            unit="件",
            source="事项台账，按受理市州统计",
            kind="stack",
            categories=cities,
            series=[
                Series(name="按时办结", values=[120, 86, 64, 91, 40, 77], tone="good"),
                Series(name="临近时限", values=[8, 12, 3, 6, 9, 4], tone="warning"),
                Series(name="超时", values=[2, 5, 0, 1, 3, 1], tone="bad"),
            ],
        ),
        Chart(
            title="检查项状态分布",
            unit="项",
            source="当前硬状态",
            kind="pie",
            categories=["正常", "性能下降", "中断", "未知"],
            series=[Series(name="检查项", values=[486, 12, 3, 9])],
        ),
    ]
