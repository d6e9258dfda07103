"""The roster of a month or a week (值班表), on screen, on paper and as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.engines.documents import xlsx_bytes
from taxops.systems.operations.roster import queries, rules
from taxops.web.kit import Page

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RosterCalendar(Page):
    """Who stands where, by day (值班表)."""

    name = "roster-calendar"
    path = "operations/roster/"
    title = "值班表"
    permission = queries.VIEW
    live_topic = "roster"
    template = "operations/roster/calendar.html"

    def _range(self, now: datetime) -> tuple[str, date, date, date]:
        """Return the view, the anchor and the days shown, the last one excluded.

        Raises:
            BadInput: the address names no day.
        """
        view = "week" if self.request.GET.get("view") == "week" else "month"
        text = self.request.GET.get("day", "")
        try:
            day = date.fromisoformat(text) if text else now.astimezone(CHINA).date()
        except ValueError:
            raise BadInput("日期不正确。", "请按 2026-06-01 的样式填写。") from None
        if not 2000 <= day.year <= 2098:
            raise BadInput("年份超出范围。", "请选择 2000 到 2098 年。")
        if view == "week":
            first = day - timedelta(days=day.weekday())
            return view, day, first, first + timedelta(days=7)
        first = day.replace(day=1)
        begin = first - timedelta(days=first.weekday())
        after = (first + timedelta(days=32)).replace(day=1)
        weeks = -(-(after - begin).days // 7)
        return view, day, begin, begin + timedelta(days=7 * weeks)

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the days with who stands, and who stands now."""
        view, day, first, after = self._range(now)
        posts = list(queries.list_posts(scope))
        spans = queries.spans_of(posts, queries.midnight(first), queries.midnight(after))
        names = queries.names_of(s.person_id for s in spans)
        by_id = {p.pk: p for p in posts}
        cells: dict[tuple[date, int], dict[int, list[tuple[int, int]]]] = {}
        for span in spans:
            for at, a, b in _by_day(span):
                cells.setdefault((at, span.post_id), {}).setdefault(span.person_id, []).append((a, b))
        today = now.astimezone(CHINA).date()
        days = [first + timedelta(days=n) for n in range((after - first).days)]
        shown = [
            {
                "day": d,
                "today": d == today,
                "other": view == "month" and d.month != day.month,
                "posts": [
                    (p, _lines(cells.get((d, p.pk), {}), names, short=view == "month"))
                    for p in posts
                    if view == "week" or (d, p.pk) in cells
                ],
            }
            for d in days
        ]
        step = timedelta(days=7) if view == "week" else None
        return {
            "view": view,
            "day": day,
            "weeks": [shown[n : n + 7] for n in range(0, len(shown), 7)],
            "week_rows": [(p, [(c["today"], c["posts"][n][1]) for c in shown]) for n, p in enumerate(posts)]  # type: ignore[index]
            if view == "week"
            else [],
            "before": day - step if step else (day.replace(day=1) - timedelta(days=1)).replace(day=1),
            "after": day + step if step else (day.replace(day=1) + timedelta(days=32)).replace(day=1),
            "on_duty": queries.on_duty_now(scope, now),
            "n_posts": len(by_id),
            "may_edit": scope.has(queries.EDIT),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, or the shown days as a workbook that the import takes back."""
        if request.GET.get("format") != "xlsx":
            return super().get(request, *args, **kwargs)
        _, day, first, after = self._range(self.now)
        posts = {p.pk: p for p in queries.list_posts(self.scope)}
        spans = queries.spans_of(posts.values(), queries.midnight(first), queries.midnight(after))
        people = queries.people_of(s.person_id for s in spans)
        rows = [
            [
                posts[s.post_id].code,
                posts[s.post_id].name,
                people[s.person_id].username,
                people[s.person_id].display_name,
                queries.instant(s.start).strftime("%Y-%m-%d %H:%M"),
                queries.instant(s.end).strftime("%Y-%m-%d %H:%M"),
            ]
            for s in spans
        ]
        data = xlsx_bytes("值班表", ["岗位代码", "岗位", "用户名", "姓名", "开始", "结束"], rows)
        answer = HttpResponse(data, content_type=_XLSX)
        name = f"值班表-{day:%Y-%m}.xlsx"
        answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return answer


def _by_day(span: rules.Span) -> list[tuple[date, int, int]]:
    """Return a span cut at midnights: day, begin and end in seconds of that day."""
    found = []
    at = span.start
    while at < span.end:
        day = rules.spans.local_day(at)
        base = rules.spans.midnight(day)
        end = min(span.end, base + rules.spans.DAY)
        found.append((day, at - base, end - base))
        at = end
    return found


def _lines(
    people: Mapping[int, Sequence[tuple[int, int]]], names: Mapping[int, str], *, short: bool
) -> list[tuple[str, str]]:
    """Return name and hours of each person of a day, earliest first."""
    rows = sorted(people.items(), key=lambda item: item[1][0])
    lines = []
    for person, stretches in rows:
        hours = rules.windows_text(stretches)
        whole = hours == "00:00-24:00"
        lines.append(
            (
                names.get(person, "？"),
                "全天" if whole else hours.split(" ")[0].split("-")[0] + "起" if short else hours,
            )
        )
    return lines


PAGES: Sequence[type[Any]] = [RosterCalendar]
