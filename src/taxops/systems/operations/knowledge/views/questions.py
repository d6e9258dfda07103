"""What was asked (提问记录): the list, and writing one down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Scope
from taxops.systems.operations.knowledge import forms, queries, services
from taxops.systems.operations.knowledge.words import Channel
from taxops.web.kit import (
    Action,
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Done,
    FormPage,
    ListPage,
    OrgFilter,
)


class QuestionList(ListPage):
    """Everything that was asked (提问记录)."""

    name = "knowledge-questions"
    path = "operations/knowledge/questions/"
    title = "提问记录"
    permission = queries.VIEW
    columns = [
        Column(name="asked_at", label="提问时间", kind="datetime"),
        Column(name="text", label="问题", wide=True, card="title"),
        Column(name="channel", label="渠道", choices=Channel),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(
            name="article",
            label="所用知识",
            value=lambda q: f"{q.article.code} {q.article.title}" if q.article else "",
            sort="article__code",
            wide=True,
        ),
        Column(name="case_number", label="事项编号"),
        Column(
            name="entered_by",
            label="登记人",
            value=lambda q: str(q.entered_by or ""),
            sort="entered_by__pinyin",
        ),
    ]
    filters = [
        DateRangeFilter(name="asked", label="提问日期", field="asked_at"),
        ChoiceFilter(name="channel", label="渠道", choices=Channel, multiple=True),
        BooleanFilter(
            name="answered",
            label="有无知识",
            yes="有知识",
            no="无知识",
            apply=lambda rows, yes: rows.filter(article__isnull=not yes),
        ),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["text", "case_number"]
    sort = "-asked_at"
    empty = "还没有提问记录。"
    actions = [Action("登记提问", page="knowledge-question-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the questions within the scope."""
        return queries.list_questions(scope)


class QuestionNew(FormPage):
    """Write down a question (登记提问)."""

    name = "knowledge-question-new"
    path = "operations/knowledge/questions/new/"
    title = "登记提问"
    permission = queries.VIEW
    parent = "knowledge-questions"
    form = forms.QuestionForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the question."""
        code = data["article_code"].strip().upper()
        article = queries.list_articles(scope).filter(code=code).first() if code else None
        if code and article is None:
            raise BadInput(f"没有编号为 {code} 的知识。", "请从知识库检索后填写编号。", field="article_code")
        services.record_question(
            scope,
            now=now,
            text=data["text"],
            org_id=data["org_id"],
            channel=data["channel"],
            article_id=article.pk if article else None,
            asked_at=data["asked_at"],
        )
        return Done("提问已登记。", to=self.url("knowledge-questions"))


PAGES: Sequence[type[Any]] = [QuestionList, QuestionNew]
