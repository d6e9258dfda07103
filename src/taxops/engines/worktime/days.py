"""Day classes (日期类别) from the legal table: working days, rest days, make-up working days (调休)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from taxops.engines.base import BadInput, Choices


class DayClass(Choices):
    """What a day is by law (日期类别)."""

    WORKING = "working", "工作日"
    REST = "rest", "休息日"


@dataclass(frozen=True, slots=True)
class LegalDays:
    """The legal table (法定节假日和调休表): which weekdays are off and which week-end days are worked.

    Args:
        rest: days off named by the yearly notices.
        work: Saturdays and Sundays made working days.
        years: years whose notice is in the table; any other year is unknown, never guessed.
    """

    rest: frozenset[date]
    work: frozenset[date]
    years: frozenset[int]
    sources: Mapping[int, str] = field(default_factory=dict)

    def day_class(self, day: date) -> DayClass:
        """Return what the day is.

        Raises:
            BadInput: the year's notice is not in the table.
        """
        if day.year not in self.years:
            raise BadInput(
                f"工作日历里没有 {day.year} 年的节假日安排。",
                "请先导入该年度国务院办公厅节假日安排通知，再计算涉及该年的时限。",
            )
        if day in self.work:
            return DayClass.WORKING
        if day in self.rest or day.weekday() >= 5:
            return DayClass.REST
        return DayClass.WORKING

    def warning(self, today: date) -> str | None:
        """Return the reminder that is due from 1 November when next year's notice is missing."""
        if (today.month, today.day) >= (11, 1) and today.year + 1 not in self.years:
            return f"{today.year + 1} 年节假日安排尚未导入，跨年时限将无法计算。"
        if today.year not in self.years:
            return f"{today.year} 年节假日安排尚未导入，时限无法计算。"
        return None


def parse_legal_days(tables: Mapping[str, Mapping[str, object]]) -> LegalDays:
    """Return the legal table from its TOML form: year → rest, work, source.

    Raises:
        BadInput: a year, a day or a class that cannot be: 30 February, a make-up day in mid-week.
    """
    rest: set[date] = set()
    work: set[date] = set()
    years: set[int] = set()
    sources: dict[int, str] = {}
    for name, table in tables.items():
        try:
            year = int(name)
            off = {date.fromisoformat(f"{year}-{text}") for text in _texts(table.get("rest", []))}
            on = {date.fromisoformat(f"{year}-{text}") for text in _texts(table.get("work", []))}
        except (ValueError, TypeError) as error:
            raise BadInput(f"节假日表 {name} 年有无法识别的日期：{error}。", '日期写作 "10-01"。') from error
        for day in on:
            if day.weekday() < 5:
                raise BadInput(f"{day} 是星期{'一二三四五'[day.weekday()]}，不可能是调休上班日。")
        if off & on:
            raise BadInput(f"{min(off & on)} 同时被列为休息日和上班日。")
        rest |= off
        work |= on
        years.add(year)
        sources[year] = str(table.get("source", ""))
    return LegalDays(frozenset(rest), frozenset(work), frozenset(years), sources)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("需要日期列表")
    return [str(item) for item in value]


@cache
def shipped_legal_days() -> LegalDays:
    """Return the table that is shipped (2004 to 2026)."""
    text = files(__package__).joinpath("data/legal_days.toml").read_text(encoding="utf-8")
    return parse_legal_days(tomllib.loads(text))
