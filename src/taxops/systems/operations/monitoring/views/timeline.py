"""The timeline of a system (中断时间线): a day, a week or a month, its checks in lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from taxops.engines.base import CHINA, Scope
from taxops.systems.operations.monitoring import drawing, queries
from taxops.web.kit import Page

from . import badges

SPANS = {"day": "日", "week": "周", "month": "月"}


def bounds(span: str, day: date) -> tuple[date, date]:
    """Return the day, the week (from Monday) or the month that holds `day`, end excluded."""
    if span == "day":
        return day, day + timedelta(days=1)
    if span == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _ticks(start: date, end: date) -> list[str]:
    days = (end - start).days
    if days == 1:
        return [f"{hour:02}:00" for hour in range(0, 25, 4)]
    step = 1 if days <= 7 else 5
    return [f"{start + timedelta(days=n):%m-%d}" for n in range(0, days, step)] + [f"{end:%m-%d}"]


class SystemTimeline(Page):
    """When a system and its checks were down (中断时间线)."""

    name = "monitoring-system-timeline"
    path = "operations/systems/<int:pk>/timeline/"
    title = "中断时间线"
    permission = "monitoring.view"
    parent = "monitoring-system"
    template = "operations/monitoring/timeline.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the lanes of the span in the address; what makes no sense there shows this week."""
        system: Any = queries.get_system(scope, now, kwargs["pk"])  # with its shown state
        span = self.request.GET.get("span", "week")
        span = span if span in SPANS else "week"
        today = now.astimezone(CHINA).date()
        try:
            day = min(today, max(date(2015, 1, 1), date.fromisoformat(self.request.GET.get("day", ""))))
        except ValueError:
            day = today
        first, over = bounds(span, day)
        start, end = (datetime.combine(d, time(), CHINA) for d in (first, over))
        found = queries.lanes(scope, now, system, start, end)

        def drawn(line: Any) -> dict[str, Any]:
            return {
                "name": line.label,
                "svg": drawing.timeline(line, words=f"{line.label}，{first} 至 {over - timedelta(days=1)}"),
                "down_s": line.down_s,
            }

        return {
            "object": system,
            "state": badges.shown(system.shown),
            "span": span,
            "spans": list(SPANS.items()),
            "day": day.isoformat(),
            "words": f"{first:%Y-%m-%d}"
            if span == "day"
            else f"{first:%Y-%m-%d} 至 {over - timedelta(days=1):%m-%d}",
            "before": (first - timedelta(days=1)).isoformat(),
            "after": over.isoformat() if over <= today else "",
            "own": drawn(found.own),
            "lanes": [({**drawn(line), "pk": check.pk}, n) for check, line, n in found.checks],
            "hidden": found.hidden,
            "ticks": _ticks(first, over),
            "outages": [(o, badges.outage_state(o)) for o in found.outages],
        }


PAGES: Sequence[type[Any]] = [SystemTimeline]
