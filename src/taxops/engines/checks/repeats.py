"""Rules for maintenance that comes back (维护周期): every week, the second Tuesday, the last working day, …

A rule is data; its times are computed for the stretch that is asked about and never stored. Rules that lean on
the legal table have no times in years whose notice is not in it: such years are named, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from taxops.engines.base import CHINA, BadInput, Choices, Interval
from taxops.engines.worktime import DayClass, LegalDays, is_levy_day, levy_last_day

MOST_MINUTES = 7 * 1440
_DAYS = "一二三四五六日"


class RepeatKind(Choices):
    """How maintenance comes back (周期类型)."""

    DAILY = "daily", "每天"
    WEEKLY = "weekly", "每周"
    NTH_WEEKDAY = "nth_weekday", "每月第几个星期几"
    MONTH_DAY = "month_day", "每月几日"
    LAST_WORKING = "last_working", "每月倒数第几个工作日"
    FIRST_WORKING = "first_working", "每月第几个工作日"
    IN_LEVY = "in_levy", "征期内每天"
    OUTSIDE_LEVY = "outside_levy", "征期外每天"
    AFTER_LEVY = "after_levy", "征期结束次日"


_LEGAL = frozenset(
    {
        RepeatKind.LAST_WORKING,
        RepeatKind.FIRST_WORKING,
        RepeatKind.IN_LEVY,
        RepeatKind.OUTSIDE_LEVY,
        RepeatKind.AFTER_LEVY,
    }
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """One rule (维护周期).

    Args:
        kind: how it comes back.
        start_min: minutes after local midnight at which each time begins.
        length_min: how long each time lasts.
        weekdays: 1 Monday … 7 Sunday (weekly; the first of them for the nth weekday).
        n: which one: the nth weekday (−1 the last), the nth working day, or the day of the month.
    """

    kind: RepeatKind
    start_min: int
    length_min: int
    weekdays: tuple[int, ...] = ()
    n: int = 1

    def data(self) -> dict[str, object]:
        """Return the rule as `parse_repeat` reads it."""
        return {
            "kind": self.kind.value,
            "start": f"{self.start_min // 60:02d}:{self.start_min % 60:02d}",
            "minutes": self.length_min,
            "weekdays": list(self.weekdays),
            "n": self.n,
        }

    def words(self) -> str:
        """Return the rule in one Chinese phrase: 「每月最后一个星期六 22:00 起 2 小时」."""
        hours, minutes = divmod(self.length_min, 60)
        length = (f"{hours} 小时" if hours else "") + (" " if hours and minutes else "")
        length += f"{minutes} 分" if minutes else ""
        return f"{self._when()} {self.start_min // 60:02d}:{self.start_min % 60:02d} 起 {length}"

    def _when(self) -> str:
        named = "、".join(f"星期{_DAYS[day - 1]}" for day in self.weekdays)
        match self.kind:
            case RepeatKind.WEEKLY:
                return f"每周{named.replace('星期', '')}"
            case RepeatKind.NTH_WEEKDAY:
                return f"每月最后一个{named}" if self.n < 0 else f"每月第 {self.n} 个{named}"
            case RepeatKind.MONTH_DAY:
                return f"每月 {self.n} 日"
            case RepeatKind.LAST_WORKING:
                return "每月最后一个工作日" if self.n == 1 else f"每月倒数第 {self.n} 个工作日"
            case RepeatKind.FIRST_WORKING:
                return f"每月第 {self.n} 个工作日"
            case _:
                return self.kind.label

    def times(self, horizon: Interval, valid: Interval, legal: LegalDays) -> list[Interval]:
        """Return the times that touch the horizon and begin while the rule is valid, in order.

        Args:
            horizon: what is asked about.
            valid: from when until when the rule holds.
            legal: which days are worked.
        """
        length = timedelta(minutes=self.length_min)
        first = max(horizon.start - length, valid.start).astimezone(CHINA).date()
        last = min(horizon.end, valid.end).astimezone(CHINA).date()
        found: list[Interval] = []
        for day in self._days(first, last, legal):
            begin = datetime.combine(day, time(), tzinfo=CHINA) + timedelta(minutes=self.start_min)
            meant = valid.start <= begin < valid.end
            if meant and begin < horizon.end and begin + length > horizon.start:
                found.append(Interval(begin, begin + length))
        return found

    def unknown_years(self, horizon: Interval, legal: LegalDays) -> list[int]:
        """Return the years of the horizon for which the rule cannot be worked out (缺节假日安排的年份)."""
        if self.kind not in _LEGAL:
            return []
        first, last = horizon.start.astimezone(CHINA).year, horizon.end.astimezone(CHINA).year
        return [year for year in range(first, last + 1) if year not in legal.years]

    def _days(self, first: date, last: date, legal: LegalDays) -> Iterator[date]:
        """Yield the days from first to last on which a time begins."""
        chosen: dict[tuple[int, int], frozenset[date]] = {}
        day = first
        while day <= last:
            if self.kind not in _LEGAL or day.year in legal.years:
                month = (day.year, day.month)
                if month not in chosen:
                    chosen[month] = frozenset(self._of_month(*month, legal))
                if day in chosen[month]:
                    yield day
            day += timedelta(days=1)

    def _of_month(self, year: int, month: int, legal: LegalDays) -> list[date]:
        days = _month(year, month)
        match self.kind:
            case RepeatKind.DAILY:
                return days
            case RepeatKind.WEEKLY:
                return [day for day in days if day.isoweekday() in self.weekdays]
            case RepeatKind.NTH_WEEKDAY:
                return _pick([day for day in days if day.isoweekday() == self.weekdays[0]], self.n)
            case RepeatKind.MONTH_DAY:
                return _pick(days, self.n)
            case RepeatKind.FIRST_WORKING:
                return _pick([day for day in days if legal.day_class(day) is DayClass.WORKING], self.n)
            case RepeatKind.LAST_WORKING:
                return _pick([day for day in days if legal.day_class(day) is DayClass.WORKING], -self.n)
            case RepeatKind.IN_LEVY:
                return [day for day in days if is_levy_day(day, legal)]
            case RepeatKind.OUTSIDE_LEVY:
                return [day for day in days if not is_levy_day(day, legal)]
            case RepeatKind.AFTER_LEVY:
                return [levy_last_day(year, month, legal) + timedelta(days=1)]


def _month(year: int, month: int) -> list[date]:
    first = date(year, month, 1)
    return [day for n in range(31) if (day := first + timedelta(days=n)).month == month]


def _pick(days: list[date], n: int) -> list[date]:
    """Return the nth of the days, from the end when negative; nothing when there are not so many."""
    place = n - 1 if n > 0 else len(days) + n
    return [days[place]] if 0 <= place < len(days) else []


def parse_repeat(data: object) -> Repeat:
    """Return the rule from its data.

    >>> parse_repeat({"kind": "weekly", "weekdays": [6], "start": "22:00", "minutes": 120}).words()
    '每周六 22:00 起 2 小时'

    Raises:
        BadInput: it is not a rule; `field` names the part.
    """
    if not isinstance(data, Mapping):
        raise BadInput("维护周期应是一个对象。", field="kind")
    if data.get("kind") not in set(RepeatKind):
        known = "、".join(kind.label for kind in RepeatKind)
        raise BadInput("维护周期的类型不正确。", f"可选：{known}。", field="kind")
    kind = RepeatKind(str(data["kind"]))
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(data.get("start", "")).strip())
    if not found:
        raise BadInput("开始钟点应写作 22:00。", field="start")
    minutes = _whole(data.get("minutes"), "minutes", "时长（分钟）", 1, MOST_MINUTES)
    weekdays: tuple[int, ...] = ()
    if kind in {RepeatKind.WEEKLY, RepeatKind.NTH_WEEKDAY}:
        given = data.get("weekdays")
        if not isinstance(given, list | tuple) or not given:
            raise BadInput("请选择星期几。", field="weekdays")
        weekdays = tuple(sorted({_whole(day, "weekdays", "星期", 1, 7) for day in given}))
        if kind is RepeatKind.NTH_WEEKDAY and len(weekdays) > 1:
            raise BadInput("「第几个星期几」只能选一个星期几。", field="weekdays")
    n = 1
    if kind is RepeatKind.NTH_WEEKDAY:
        n = _whole(data.get("n"), "n", "第几个", -1, 5)
        if not n:
            raise BadInput("第几个应为 1 到 5，或 -1 表示最后一个。", field="n")
    elif kind is RepeatKind.MONTH_DAY:
        n = _whole(data.get("n"), "n", "日期", 1, 31)
    elif kind in {RepeatKind.FIRST_WORKING, RepeatKind.LAST_WORKING}:
        n = _whole(data.get("n", 1), "n", "第几个", 1, 20)
    return Repeat(kind, int(found[1]) * 60 + int(found[2]), minutes, weekdays, n)


def _whole(value: object, field: str, label: str, least: int, most: int) -> int:
    """Return a whole number in range, also when it comes as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,6}", value.strip()):
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise BadInput(f"{label}应为 {least} 到 {most} 的整数。", field=field)
    return value
