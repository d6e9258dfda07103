"""Editions (常见问题处理手册): the list, one edition, composing, freezing, Word and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from taxops.engines.base import NotFound, Scope
from taxops.engines.documents import render_docx, render_pdf
from taxops.systems.operations.knowledge import forms, queries, rules, services
from taxops.systems.operations.knowledge.services.editions import content_of
from taxops.systems.operations.knowledge.words import Category, Channel, EditionState
from taxops.web.kit import (
    Action,
    ActionPage,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Page,
    State,
    Tab,
    Tone,
    state_of,
)

_TONES = {"draft": Tone.ACTIVE, "frozen": Tone.GOOD}
_KINDS = {
    "docx": (render_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (render_pdf, "application/pdf"),
}


class EditionList(ListPage):
    """All editions (常见问题处理手册)."""

    name = "knowledge-editions"
    path = "operations/knowledge/editions/"
    title = "常见问题手册"
    permission = queries.VIEW
    columns = [
        Column(name="quarter", label="季度"),
        Column(name="name", label="名称", value=str, wide=True, card="title"),
        Column(name="number", label="版次", kind="number"),
        Column(name="state", label="状态", kind="state", choices=EditionState, tones=_TONES),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(
            name="composed_by",
            label="编制人",
            value=lambda e: str(e.composed_by or ""),
            sort="composed_by__pinyin",
        ),
        Column(name="composed_at", label="编制时间", kind="datetime"),
        Column(name="frozen_at", label="定稿时间", kind="datetime"),
    ]
    filters = [OrgFilter(name="org", label="机构")]
    search = ["quarter"]
    sort = "-quarter"
    detail = "knowledge-edition"
    empty = "还没有编制过手册。"
    actions = [Action("编制手册", page="knowledge-edition-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the editions within the scope."""
        return queries.list_editions(scope)


def _content(_scope: Scope, _now: datetime, edition: Any) -> Mapping[str, Any]:
    content = content_of(edition)
    channels: Mapping[str, int] = content["channels"]  # type: ignore[assignment]  # our own JSON
    return {
        "content": content,
        "labels": dict(Category.pairs()),
        "channels": [(dict(Channel.pairs()).get(code, code), n) for code, n in channels.items()],
    }


class EditionDetail(DetailPage):
    """One edition (手册)."""

    name = "knowledge-edition"
    path = "operations/knowledge/editions/<int:pk>/"
    title = "常见问题手册"
    permission = queries.VIEW
    parent = "knowledge-editions"
    audit_kind = "edition"
    facts = [
        Fact(name="quarter", label="季度"),
        Fact(name="number", label="版次", kind="number"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="composed_by", label="编制人", value=lambda e: str(e.composed_by or "")),
        Fact(name="composed_at", label="编制时间", kind="datetime"),
        Fact(name="frozen_by", label="定稿人", value=lambda e: str(e.frozen_by or "")),
        Fact(name="frozen_at", label="定稿时间", kind="datetime"),
        Fact(name="sm3", label="内容摘要（SM3）", wide=True),
    ]
    actions = [
        Action(
            "定稿",
            page="knowledge-edition-freeze",
            icon="lock",
            style="primary",
            when=lambda e: e.state == "draft",
        ),
        Action("下载 Word", page="knowledge-edition-docx", icon="download"),
        Action("下载 PDF", page="knowledge-edition-pdf", icon="download"),
    ]
    tabs = [Tab(code="content", label="内容", template="operations/knowledge/edition.html", context=_content)]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the edition."""
        return queries.get_edition(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return its name."""
        return str(thing)

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return state_of(thing.state, label=EditionState.label_of(thing.state), tones=_TONES)


class EditionNew(FormPage):
    """Compose an edition (编制手册)."""

    name = "knowledge-edition-new"
    path = "operations/knowledge/editions/new/"
    title = "编制手册"
    permission = "knowledge.write"
    parent = "knowledge-editions"
    form = forms.EditionForm
    submit = "编制"
    intro = "按本季度真实提问的次数排序；已定稿的手册不变，再次编制成为新的版次。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope and the last eight quarters."""
        year, number = int(rules.quarter_of(now)[:4]), int(rules.quarter_of(now)[-1])
        quarters = []
        for _ in range(8):
            quarters.append((f"{year}Q{number}", f"{year} 年第 {number} 季度"))
            year, number = (year, number - 1) if number > 1 else (year - 1, 4)
        return {"scope": scope, "quarters": quarters}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Compose it."""
        made = services.compose_edition(scope, now=now, quarter=data["quarter"], org_id=data["org_id"])
        return Done("手册已编制，待另一位人员定稿。", to=self.url("knowledge-edition", pk=made.pk))


class EditionFreeze(ActionPage):
    """Make it final (手册定稿)."""

    name = "knowledge-edition-freeze"
    path = "operations/knowledge/editions/<int:pk>/freeze/"
    title = "手册定稿"
    permission = "knowledge.review"
    parent = "knowledge-edition"
    confirm = "将定稿{thing}。定稿后内容不再变化。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the edition."""
        return queries.get_edition(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Freeze it."""
        services.freeze_edition(scope, thing.pk, now=now)
        return Done("已定稿。", to=self.url("knowledge-edition", pk=thing.pk))


class _EditionFile(Page):
    """What the two formats share."""

    permission = queries.VIEW
    parent = "knowledge-edition"
    kind = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the paper, made from the frozen content; the same content gives the same bytes."""
        edition = queries.get_edition(self.scope, kwargs["pk"])
        if self.kind not in _KINDS:
            raise NotFound("没有这种格式。", "可以下载 Word 或 PDF。")
        render, media = _KINDS[self.kind]
        answer = HttpResponse(render(services.document_of_edition(edition)), content_type=media)
        name = f"{edition.quarter}常见问题处理手册-第{edition.number}版.{self.kind}"
        answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return answer


class EditionWord(_EditionFile):
    """The edition as Word (下载 Word)."""

    name = "knowledge-edition-docx"
    path = "operations/knowledge/editions/<int:pk>/docx/"
    title = "下载 Word"
    kind = "docx"


class EditionPdf(_EditionFile):
    """The edition as PDF (下载 PDF)."""

    name = "knowledge-edition-pdf"
    path = "operations/knowledge/editions/<int:pk>/pdf/"
    title = "下载 PDF"
    kind = "pdf"


PAGES: Sequence[type[Any]] = [EditionList, EditionDetail, EditionNew, EditionFreeze, EditionWord, EditionPdf]
