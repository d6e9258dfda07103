"""What a list gives away (导出与打印): the filtered rows as a file, with a trace in the audit log, or on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase

from taxops.engines.base import TooLarge
from taxops.platform.audit import services as audit
from taxops.web.kit import show
from taxops.web.kit.page import Page

from . import export
from .asked import Asked
from .columns import Column
from .sheet import Line, heads

PRINT_LIMIT = 2_000


class Downloads(Page):
    """The part of a list page that exports and prints."""

    export_limit: ClassVar[int] = 100_000

    @property
    def asked(self) -> Asked:
        """What this request's URL asks for."""
        raise NotImplementedError

    @property
    def shown(self) -> list[Column]:
        """The columns shown."""
        raise NotImplementedError

    def ordered(self, asked: Asked) -> QuerySet[Any]:
        """Return the matching rows in the order asked for."""
        raise NotImplementedError

    def line(self, row: Any) -> Line:
        """Return a row as shown."""
        raise NotImplementedError

    def chips(self) -> list[tuple[str, str, str]]:
        """Return the conditions in words."""
        raise NotImplementedError

    def print_context(self) -> Mapping[str, Any]:
        """Return what the print view shows."""
        rows = list(self.ordered(self.asked)[: PRINT_LIMIT + 1])
        return {
            "asked": self.asked,
            "columns": heads(self.shown, self.asked),
            "lines": [self.line(row) for row in rows[:PRINT_LIMIT]],
            "cut": PRINT_LIMIT if len(rows) > PRINT_LIMIT else 0,
            "chips": self.chips(),
            "back": self.asked.url(),
        }

    def export(self, kind: str) -> HttpResponseBase:
        """Answer the filtered rows as a file, and leave a trace in the audit log.

        Raises:
            TooLarge: more rows than an export may carry.
        """
        rows = self.ordered(self.asked)
        total = rows.order_by()[: self.export_limit + 1].count()
        if total > self.export_limit:
            raise TooLarge(
                f"符合条件的记录超过 {show.number(self.export_limit)} 条，没有导出。",
                "请先用筛选条件缩小范围。",
            )
        columns = [c for c in self.shown if c.exported and c.kind not in {"html", "sparkline"}]
        conditions = "；".join(f"{label}：{words}" for label, words, _ in self.chips()) or "无（全部）"
        self._record(kind, total, conditions, columns)
        file = export.spool()
        each = rows.iterator(chunk_size=2000)
        if kind == "csv":
            export.write_csv(file, columns, each)
        else:
            notes = [
                f"{self.title}（共 {show.number(total)} 条）",
                f"导出人：{self.scope.actor_name}",
                f"导出时间：{show.when_full(self.now)}",
                f"条件：{conditions}",
            ]
            export.write_xlsx(file, columns, each, title=self.title, notes=notes)
        stamp = show.when_full(self.now).replace(":", "").replace(" ", "-")
        return export.stream(self.request, file, name=f"{self.title}-{stamp}.{kind}", kind=kind)

    def _record(self, kind: str, total: int, conditions: str, columns: list[Column]) -> None:
        audit.record(
            self.scope,
            now=self.now,
            action="list.export",
            kind="list",
            object_id=self.name,
            label=self.title,
            after={
                "format": kind,
                "rows": total,
                "conditions": conditions,
                "columns": [c.label for c in columns],
            },
        )
