"""Calendars by name, and calendars read from JSON (内置日历与自定义日历)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from taxops.engines.base import BadInput, NotFound

from .days import LegalDays, parse_legal_days, shipped_legal_days
from .workcalendar import DAY, WorkCalendar

_ONSITE = ((27000, 43200), (52200, 79200))  # 07:30-12:00, 14:30-22:00; GX:437
_OFFICE = ((30600, 43200), (48600, 64800))  # 08:30-12:00, 13:30-18:00; hours are the bureau's to set
_WHOLE = ((0, DAY),)
_NAMES = ("always", "legal_working_days", "office5x8", "onsite7x12")


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped calendars."""
    return _NAMES


@cache
def shipped(name: str) -> WorkCalendar:
    """Return a shipped calendar: onsite7x12 (GX:437), always, office5x8 (JL), legal_working_days.

    Raises:
        NotFound: there is none of that name.
    """
    if name == "onsite7x12":
        return WorkCalendar(name, working=_ONSITE, rest=_ONSITE)
    if name == "always":
        return WorkCalendar(name, working=_WHOLE, rest=_WHOLE)
    if name == "office5x8":
        return WorkCalendar(name, working=_OFFICE, rest=(), legal=shipped_legal_days())
    if name == "legal_working_days":
        return WorkCalendar(name, working=_WHOLE, rest=(), legal=shipped_legal_days())
    raise NotFound(f"没有名为「{name}」的工作日历。", f"可用的有：{'、'.join(_NAMES)}，或一个 JSON 文件。")


def _seconds(text: object, where: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", str(text))
    if not found:
        raise BadInput(f"{where}：「{text}」不是钟点。", "写作 07:30 或 24:00。")
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > DAY:
        raise BadInput(f"{where}：「{text}」不是钟点。", "写作 07:30 或 24:00。")
    return total


def _windows(value: object, where: str) -> list[tuple[int, int]]:
    """Return windows from `[["07:30", "12:00"], …]` or `["07:30-12:00", …]`."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadInput(f"{where}应是时段列表。", '例如 [["07:30","12:00"],["14:30","22:00"]]。')
    found = []
    for item in value:
        pair = item.split("-") if isinstance(item, str) else item
        if not isinstance(pair, Sequence) or len(pair) != 2:
            raise BadInput(f"{where}的时段「{item}」应有开始和结束。")
        found.append((_seconds(str(pair[0]).strip(), where), _seconds(str(pair[1]).strip(), where)))
    return found


def _dates(text: str) -> list[date]:
    """Return the days of `2026-07-10` or of `2026-07-10..2026-07-15`, both ends included."""
    try:
        first, _, last = text.partition("..")
        a = date.fromisoformat(first.strip())
        b = date.fromisoformat(last.strip()) if last else a
    except ValueError as error:
        raise BadInput(
            f"日历的日期「{text}」无法识别。", "写作 2026-07-10 或 2026-07-10..2026-07-15。"
        ) from error
    if b < a or (b - a).days > 400:
        raise BadInput(f"日历的日期区间「{text}」不成立。")
    return [a + timedelta(days=n) for n in range((b - a).days + 1)]


def calendar_from_json(data: Mapping[str, Any]) -> WorkCalendar:
    """Return a calendar from its JSON form.

    `windows`: a list (the same every day) or `{"working": […], "rest": […]}`;
    `days`: `{"2027": {"rest": ["01-01"], "work": []}}`, added to the shipped legal table;
    `overrides`: `{"2026-07-10..2026-07-15": [["00:00","24:00"]]}`, replacing whole days.

    Raises:
        BadInput: something in it cannot be.
    """
    if not isinstance(data, Mapping):
        raise BadInput("日历文件应是一个 JSON 对象。")
    name = str(data.get("name") or "自定义日历")
    if any("\ud800" <= c <= "\udfff" or c == "\x00" for c in name):
        raise BadInput("日历的 name 含有无法显示的字符。")
    windows = data.get("windows")
    if windows is None:
        raise BadInput(f"日历「{name}」没有 windows。", "请写出每天的工作时段。")
    if isinstance(windows, Mapping):
        working = _windows(windows.get("working", []), f"日历「{name}」工作日")
        rest = _windows(windows.get("rest", []), f"日历「{name}」休息日")
    else:
        working = rest = _windows(windows, f"日历「{name}」")
    overrides: dict[date, list[tuple[int, int]]] = {}
    own = data.get("overrides")
    if own is not None and not isinstance(own, Mapping):
        raise BadInput(
            f"日历「{name}」的 overrides 应按日期给出时段。", '例如 {"2026-07-10": [["00:00","24:00"]]}。'
        )
    for text, value in (own or {}).items():
        for day in _dates(text):
            overrides[day] = _windows(value, f"日历「{name}」{text}")
    return WorkCalendar(name, working=working, rest=rest, legal=_legal(data.get("days")), overrides=overrides)


def _legal(days: object) -> LegalDays:
    base = shipped_legal_days()
    if days is None:
        return base
    if not isinstance(days, Mapping) or not all(isinstance(table, Mapping) for table in days.values()):
        raise BadInput(
            "日历的 days 应按年份给出 rest 和 work。", '例如 {"2027": {"rest": ["01-01"], "work": []}}。'
        )
    own = parse_legal_days(days)
    kept = base.years - own.years
    return LegalDays(
        frozenset(d for d in base.rest if d.year in kept) | own.rest,
        frozenset(d for d in base.work if d.year in kept) | own.work,
        base.years | own.years,
        {**base.sources, **own.sources},
    )
