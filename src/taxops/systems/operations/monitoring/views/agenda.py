"""The calendar of silences and maintenance (静默与维护日历): by month, or by week and hour; recurring ones computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.systems.operations.alerting import queries as alerting
from taxops.systems.operations.monitoring import queries
from taxops.systems.operations.monitoring.rules.weeks import DAY_MIN, Block, lay_out
from taxops.web.kit import Page, State, Tone

from . import badges

MAINTAIN = "monitoring.maintain"
SILENCE = "alerting.silence"
SHOWN_A_DAY = 4
LEFT, COLUMN, TOP, HOUR = 44, 150, 28, 25
"""The week's sheet in its own units: room for the hours, width of a day, room above, height of an hour."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One time on the calendar (日历项): a maintenance window, one time of a recurring rule, or a silence."""

    start: datetime
    end: datetime
    title: str
    link: str
    badge: State
    icon: str

    @property
    def times(self) -> str:
        """From when until when, in China."""
        start, end = self.start.astimezone(CHINA), self.end.astimezone(CHINA)
        return f"{start:%m-%d %H:%M} 至 {end:%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A block of the week's sheet with its place (周历图块)."""

    entry: Entry
    x: float
    y: float
    width: float
    height: float
    words: str


def entries(scope: Scope, now: datetime, start: datetime, end: datetime) -> list[Entry]:
    """Return what lies in `[start, end)`, by beginning."""
    found = [
        Entry(
            one.interval.start,
            one.interval.end,
            one.title,
            one.link,
            badges.occurrence(one, now),
            "refresh" if one.recurring else "tool",
        )
        for one in queries.occurrences_between(scope, start, end)
    ]
    silences: Sequence[Any] = alerting.silences_between(scope, now, start, end)
    for row in silences:
        state = {"running": State("生效中", Tone.SUSPENDED), "due": State("未开始", Tone.ACTIVE)}.get(
            row.phase, State("已结束", Tone.PLAIN)
        )
        link = reverse("alerting-silence", kwargs={"pk": row.pk})
        found.append(
            Entry(row.starts_at, row.ended_at or row.ends_at, f"静默：{row.reason}", link, state, "bell-off")
        )
    return sorted(found, key=lambda one: (one.start, one.end, one.title))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


class WindowCalendar(Page):
    """A month or a week of maintenance and silences (静默与维护日历)."""

    name = "monitoring-window-calendar"
    path = "operations/windows/calendar/"
    title = "静默与维护日历"
    permission = "monitoring.view"
    parent = "monitoring-windows"
    template = "operations/monitoring/calendar.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the sheet that was asked for."""
        today = now.astimezone(CHINA).date()
        common = {
            "may_ask": scope.has(MAINTAIN),
            "may_silence": scope.has(SILENCE),
            "today": today,
        }
        if self.request.GET.get("week"):
            return {**common, **self._week(scope, now, self._day("week"), today)}
        return {
            **common,
            **self._month(
                scope,
                now,
                self._day("month", "-01") if self.request.GET.get("month") else today.replace(day=1),
                today,
            ),
        }

    def _day(self, name: str, suffix: str = "") -> date:
        """Return the day that the address names.

        Raises:
            BadInput: it is none, or its sheet would leave the calendar.
        """
        try:
            day = date.fromisoformat(self.request.GET[name] + suffix)
        except ValueError:
            day = date.min
        if not 1971 <= day.year <= 2998:
            raise BadInput("日期不正确。", "月份按 2026-06、日期按 2026-06-01 的样式填写。")
        return day

    def _month(self, scope: Scope, now: datetime, first: date, today: date) -> Mapping[str, Any]:
        """Return six weeks of days with what lies in them."""
        begin = first - timedelta(days=first.weekday())
        days = [begin + timedelta(days=n) for n in range(42)]
        found = entries(scope, now, _midnight(days[0]), _midnight(days[-1] + timedelta(days=1)))
        cells = [self._cell(day, first, today, found) for day in days]
        return {
            "weeks": [cells[n : n + 7] for n in range(0, 42, 7)],
            "heading": f"{first.year} 年 {first.month} 月",
            "before": f"?month={first - timedelta(days=1):%Y-%m}",
            "after": f"?month={first + timedelta(days=32):%Y-%m}",
            "other": f"?week={today if today.replace(day=1) == first else first}",
            "count": len(found),
        }

    def _cell(self, day: date, first: date, today: date, found: Sequence[Entry]) -> Mapping[str, Any]:
        start, end = _midnight(day), _midnight(day + timedelta(days=1))
        here = [
            (one, one.start.astimezone(CHINA).strftime("%H:%M") if one.start >= start else "续")
            for one in found
            if one.start < end and one.end > start
        ]
        return {
            "day": day,
            "other": day.month != first.month,
            "today": day == today,
            "entries": here[:SHOWN_A_DAY],
            "more": len(here) - SHOWN_A_DAY,
        }

    def _week(self, scope: Scope, now: datetime, day: date, today: date) -> Mapping[str, Any]:
        """Return seven days hour by hour, as a drawing."""
        first = day - timedelta(days=day.weekday())
        days = [first + timedelta(days=n) for n in range(7)]
        found = entries(scope, now, _midnight(first), _midnight(first + timedelta(days=7)))
        blocks = lay_out([(one.start, one.end) for one in found], first)
        local = now.astimezone(CHINA)
        at = local.hour * 60 + local.minute
        return {
            "blocks": [_draw(block, found[block.span]) for block in blocks],
            "days": [
                {
                    "day": one,
                    "x": LEFT + n * COLUMN,
                    "middle": LEFT + n * COLUMN + COLUMN / 2,
                    "today": one == today,
                }
                for n, one in enumerate(days)
            ],
            "hours": [(f"{hour:02}:00", TOP + hour * HOUR) for hour in range(0, 25, 2)],
            "column": COLUMN,
            "left": LEFT,
            "top": TOP,
            "right": LEFT + 7 * COLUMN,
            "bottom": TOP + 24 * HOUR,
            "height": 24 * HOUR,
            "now_y": TOP + at * HOUR / 60 if first <= today < first + timedelta(days=7) else None,
            "now_x": LEFT + (today - first).days * COLUMN,
            "heading": f"{days[0]:%Y-%m-%d} 至 {days[-1]:%m-%d}",
            "before": f"?week={first - timedelta(days=7)}",
            "after": f"?week={first + timedelta(days=7)}",
            "other": f"?month={first:%Y-%m}",
            "count": len(found),
            "found": found,
        }


def _draw(block: Block, entry: Entry) -> Drawn:
    width = (COLUMN - 4) / block.lanes
    start = entry.start.astimezone(CHINA)
    return Drawn(
        entry,
        LEFT + block.day * COLUMN + 2 + block.lane * width,
        TOP + block.start_min * 24 * HOUR / DAY_MIN,
        width - 2,
        (block.end_min - block.start_min) * 24 * HOUR / DAY_MIN,
        f"{'续' if block.goes_on else f'{start:%H:%M}'} {entry.title}",
    )


PAGES: Sequence[type[Any]] = [WindowCalendar]
