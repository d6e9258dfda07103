"""A roster from a table (导入值班表)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, RowProblem, Scope, TaxopsError, parse_instant
from taxops.systems.operations.roster import queries, services
from taxops.systems.operations.roster.services.changes import ImportedSpan, resolve_spans
from taxops.web.kit import Done, ImportColumn, ImportPage, ImportPreview, ImportRow


def _instant(text: str) -> datetime:
    """Return a cell's time, China time when it names no offset."""
    found = parse_instant(text.strip().replace("/", "-"))
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _spans(rows: Sequence[ImportRow]) -> tuple[list[ImportedSpan], list[RowProblem]]:
    spans: list[ImportedSpan] = []
    problems: list[RowProblem] = []
    for row in rows:
        ends: list[datetime] = []
        for name, label in (("start", "开始"), ("end", "结束")):
            try:
                ends.append(_instant(row[name]))
            except TaxopsError:
                problems.append(
                    RowProblem(row.number, label, f"「{row[name][:30]}」不是时间，应为 2026-06-01 07:30")
                )
        if len(ends) == 2:
            spans.append(
                ImportedSpan(row.number, row["post"].strip().lower(), row["username"].strip(), *ends)
            )
    return spans, problems


class RosterImport(ImportPage):
    """Take over a roster from a workbook (导入值班表)."""

    name = "roster-import"
    path = "operations/roster/import/"
    title = "导入值班表"
    permission = queries.EDIT
    parent = "roster-posts"
    intro = "每行一班，作为“增派”记入值班表；已有的同样一行不重复。可用值班表页面导出的文件。"
    columns = [
        ImportColumn(name="post", label="岗位代码", required=True, example="line1"),
        ImportColumn(name="username", label="用户名", required=True, example="engineer"),
        ImportColumn(name="start", label="开始", required=True, example="2026-06-01 07:30"),
        ImportColumn(
            name="end", label="结束", required=True, example="2026-06-01 12:00", help="跨夜的写次日日期"
        ),
    ]

    def check(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> ImportPreview:
        """Return what the rows would add and what is wrong with them."""
        spans, problems = _spans(rows)
        good, more = resolve_spans(scope, spans)
        lines = [
            (s.row, f"{post} {person} {s.starts_at:%m-%d %H:%M} 至 {s.ends_at:%m-%d %H:%M}")
            for post, person, s in good
        ]
        return ImportPreview(added=len(good), lines=lines[:200], problems=[*problems, *more])

    def apply(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> Done:
        """Take the rows over."""
        spans, _ = _spans(rows)
        n = services.import_spans(scope, now=now, spans=spans)
        return Done(f"已导入 {n} 班。", to=self.url("roster-calendar"))


PAGES: Sequence[type[Any]] = [RosterImport]
