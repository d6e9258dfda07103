"""Pages of external data (外部数据导入): templates, import with row errors, batches, roll-back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from taxops.engines.base import BadInput, Scope
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    ImportColumn,
    ImportPage,
    ImportPreview,
    ListPage,
    Tab,
)

from . import queries, services
from .rules import TEMPLATES, Template, columns_of
from .words import BatchState

IMPORT = services.IMPORT
_TONES = {"applied": "good", "rolled_back": "suspended"}


class BatchList(ListPage):
    """All batches (外部数据导入)."""

    name = "q5c-batches"
    path = "quality5c/external/"
    title = "外部数据导入"
    permission = IMPORT
    scope_field = ""
    columns = [
        Column(name="template", label="模板", value=lambda b: TEMPLATES[b.template].title, sort="template"),
        Column(name="number", label="批次", kind="number"),
        Column(name="state", label="状态", kind="state", tones=_TONES),
        Column(name="rows", label="行数", kind="number"),
        Column(name="periods", label="统计期", value=lambda b: "、".join(b.periods), sort=""),
        Column(
            name="effect",
            label="影响指标",
            value=lambda b: "、".join(b.effect.get("indicators", [])),
            sort="",
        ),
        Column(name="imported_by", label="导入人"),
        Column(name="imported_at", label="导入时间", kind="datetime"),
    ]
    filters = [
        ChoiceFilter(name="template", label="模板", choices=[(t.code, t.title) for t in TEMPLATES.values()]),
        ChoiceFilter(name="state", label="状态", choices=BatchState),
    ]
    sort = "-imported_at"
    detail = "q5c-batch"
    empty = "还没有导入过外部数据。请选择模板后导入。"
    actions = [
        Action(f"导入{t.title[:10]}", page=f"q5c-import-{t.code.replace('_', '-')}", icon="upload")
        for t in TEMPLATES.values()
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return all batches."""
        return queries.list_batches()


def _values(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    return {"values": queries.values_of(thing), "limit": 500}


class BatchDetail(DetailPage):
    """One batch (导入批次)."""

    name = "q5c-batch"
    path = "quality5c/external/<int:pk>/"
    title = "导入批次"
    permission = IMPORT
    parent = "q5c-batches"
    audit_kind = "external_batch"
    facts = [
        Fact(name="state", label="状态", kind="state", tones=_TONES),
        Fact(name="rows", label="行数", kind="number"),
        Fact(name="imported_by", label="导入人"),
        Fact(name="imported_at", label="导入时间", kind="datetime"),
        Fact(name="rolled_back_by", label="回退人"),
        Fact(
            name="effect",
            label="重新计算的方案",
            value=lambda b: "、".join(b.effect.get("schemes", [])) or "无",
        ),
    ]
    tabs = [Tab(code="values", label="数据", template="quality5c/batch_values.html", context=_values)]
    actions = [
        Action("回退", page="q5c-batch-roll-back", style="danger", icon="arrow-back-up",
               when=lambda b: b.state == BatchState.APPLIED)
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the batch."""
        return queries.find_batch(kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return template and number."""
        return f"{TEMPLATES[thing.template].title} 第 {thing.number} 批"


class BatchRollBack(ActionPage):
    """Take a batch back (回退批次)."""

    name = "q5c-batch-roll-back"
    path = "quality5c/external/<int:pk>/roll-back/"
    title = "回退批次"
    permission = IMPORT
    parent = "q5c-batches"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the batch."""
        return queries.find_batch(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what returns to what it was."""
        return Confirm(f"将回退「{thing}」的 {thing.rows} 行数据，未发布方案的得分恢复到导入前。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Roll back."""
        batch = services.roll_back(scope, thing.pk, now=now)
        return Done(f"「{batch}」已回退。", to=self.url("q5c-batches"))


class ExternalImport(ImportPage):
    """The root of the import pages, one a template (导入)."""

    permission = IMPORT
    parent = "q5c-batches"
    of: ClassVar[Template]

    def check(self, scope: Scope, now: datetime, rows: Sequence[Any]) -> ImportPreview:
        """Return what the rows would add, or each row that cannot be taken."""
        try:
            entries = services.checked(scope, self.of, self._cells(rows))
        except BadInput as error:
            return ImportPreview(problems=error.problems)
        feeds = "、".join(self.of.feeds) or "无（仅存档与展示）"
        lines = [(0, f"影响指标：{feeds}；统计期：{'、'.join(sorted({e.period for e in entries}))}")]
        return ImportPreview(added=len(entries), lines=lines)

    def apply(self, scope: Scope, now: datetime, rows: Sequence[Any]) -> Done:
        """Import as a new batch."""
        batch = services.apply_rows(scope, now=now, code=self.of.code, rows=self._cells(rows))
        return Done(f"「{batch}」已导入 {batch.rows} 行。", to=self.url("q5c-batch", pk=batch.pk))

    def _cells(self, rows: Sequence[Any]) -> list[tuple[int, dict[str, str]]]:
        return [(r.number, {c.label: r[c.name] for c in self.columns}) for r in rows]


def _page(template: Template) -> type[ExternalImport]:
    slug = template.code.replace("_", "-")
    columns = [
        ImportColumn(name=f"c{n}", label=label, required=required, example=example)
        for n, (label, required, example) in enumerate(columns_of(template))
    ]
    return type(
        f"Import{template.code.title().replace('_', '')}", (ExternalImport,),
        {"name": f"q5c-import-{slug}", "path": f"quality5c/external/import/{slug}/", "title": f"导入{template.title}",
         "columns": columns, "of": template, "__doc__": f"Import of {template.title}.", "__module__": __name__},
    )  # fmt: skip


PAGES: Sequence[type[Any]] = [BatchList, BatchDetail, BatchRollBack, *(_page(t) for t in TEMPLATES.values())]
