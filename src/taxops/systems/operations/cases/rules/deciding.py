"""Decisions of the cases room (事项规则): what is a major matter, who is unfit, which level an outage has."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from taxops.engines.base import BadInput

LEVEL_OF = {"critical": "L1", "major": "L2", "minor": "L3"}
"""Importance of a system (重要程度) → level of the incident its outage opens (故障级别)."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values of a contract (合同参数), as in force on a day, with their source."""

    valid_from: date
    major_minutes: int
    major_hours: int
    exam_fail_percent: int
    source: str


def parameters_on(text: str, day: date) -> Parameters:
    """Return the values in force on a day.

    Raises:
        BadInput: none are in force yet, or the file lacks a value.
    """
    rows = [row for row in tomllib.loads(text)["parameter"] if row["valid_from"] <= day]
    if not rows:
        raise BadInput(f"{day} 没有生效的合同参数。", "请补充合同参数文件。")
    row = max(rows, key=lambda r: r["valid_from"])
    try:
        return Parameters(
            row["valid_from"],
            row["major_minutes"],
            row["major_hours"],
            row["exam_fail_percent"],
            row["source"],
        )
    except KeyError as error:
        raise BadInput(f"合同参数缺少 {error.args[0]}。") from error


def is_major(started_at: datetime, until: datetime, minutes: int) -> bool:
    """Test whether a stop has lasted long enough to be a major matter (重大事项): 以上 includes the limit.

    >>> from datetime import UTC
    >>> t = datetime(2026, 6, 1, tzinfo=UTC)
    >>> is_major(t, t + timedelta(minutes=30), 30), is_major(t, t + timedelta(minutes=29, seconds=59), 30)
    (True, False)
    """
    return until - started_at >= timedelta(minutes=minutes)


STOPS = {"blocked": "业务阻断", "stopped": "系统停机", "stalled": "系统卡顿"}
"""Grounds of a major matter that must have lasted (认定情形): the others are major however long they took."""


def require_major(ground: str, began_at: datetime, until: datetime, minutes: int) -> None:
    """Do nothing when what happened is a major matter by its ground (认定重大事项, JL:223).

    Raises:
        BadInput: a blockage, stop or stall that was over, or has lasted, less than so many minutes.
    """
    if ground in STOPS and not is_major(began_at, until, minutes):
        lasted = max(0, int((until - began_at).total_seconds() // 60))
        raise BadInput(
            f"{STOPS[ground]}只有 {lasted} 分钟，不满 {minutes} 分钟，不能认定为重大事项。",
            "请核对开始时间，或不予认定。",
            field="ground",
        )


def is_unfit(examined: int, failed: int, percent: int) -> bool:
    """Test whether an exam says that the team is unfit (不能胜任): more than so many percent failed.

    >>> is_unfit(10, 3, 30), is_unfit(8, 3, 30), is_unfit(8, 2, 30)
    (False, True, False)

    Raises:
        BadInput: nobody was examined, or more failed than were.
    """
    if examined < 1 or not 0 <= failed <= examined:
        raise BadInput("不及格人数不能多于参加人数。", "请核对人数。", field="failed")
    return Fraction(failed, examined) > Fraction(percent, 100)


def within_windows(at: datetime, windows: list[tuple[datetime, datetime]]) -> datetime | None:
    """Return when the approved windows that cover an instant end (窗口结束), or None when none does.

    Windows that touch or overlap count as one.
    """
    end: datetime | None = None
    for start, stop in sorted(windows):
        if start <= (end or at) < stop:
            end = stop
    return end
