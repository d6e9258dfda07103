"""Canned answers (常用答复)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.desk import forms, queries, services
from taxops.web.kit import Action, ActionPage, Column, Done, FormPage, ListPage


class AnswerList(ListPage):
    """All canned answers (常用答复)."""

    name = "desk-answers"
    path = "operations/desk/answers/"
    title = "常用答复"
    permission = queries.HANDLE
    columns = [
        Column(name="title", label="标题", card="title"),
        Column(name="body", label="答复", wide=True),
        Column(name="n_used", label="使用次数", kind="number"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="changed_by", label="修改人", value=lambda a: str(a.changed_by or ""), sort=""),
        Column(name="changed_at", label="修改时间", kind="datetime"),
    ]
    search = ["title", "body"]
    sort = "-n_used"
    detail = "desk-answer-edit"
    empty = "还没有常用答复。"
    actions = [Action("新建常用答复", page="desk-answer-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the answers within the scope."""
        return queries.answers(scope)


class AnswerNew(FormPage):
    """Keep an answer (新建常用答复)."""

    name = "desk-answer-new"
    path = "operations/desk/answers/new/"
    title = "新建常用答复"
    permission = queries.HANDLE
    parent = "desk-answers"
    form = forms.AnswerForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.save_answer(scope, now=now, pk=thing.pk if thing else None, **data)
        return Done("常用答复已保存。", to=self.url("desk-answers"))


class AnswerEdit(AnswerNew):
    """Change an answer (修改常用答复)."""

    name = "desk-answer-edit"
    path = "operations/desk/answers/<int:pk>/edit/"
    title = "修改常用答复"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the answer."""
        return queries.get_answer(scope, kwargs["pk"])


class AnswerArchive(ActionPage):
    """Take an answer out of use (停用常用答复)."""

    name = "desk-answer-archive"
    path = "operations/desk/answers/<int:pk>/archive/"
    title = "停用常用答复"
    permission = queries.HANDLE
    parent = "desk-answers"
    confirm = "将停用常用答复「{thing}」。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the answer."""
        return queries.get_answer(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Archive it."""
        services.archive_answer(scope, thing.pk, now=now)
        return Done("已停用。", to=self.url("desk-answers"))


PAGES: Sequence[type[Any]] = [AnswerList, AnswerNew, AnswerEdit, AnswerArchive]
