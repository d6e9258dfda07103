"""Writing articles (知识编写): new, edit, revise, submit, review, files, retire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.knowledge import forms, queries, services
from taxops.web.kit import ActionPage, Done, FormPage

WRITE = "knowledge.write"


class _OfArticle(FormPage):
    """What the forms of one article share."""

    permission = WRITE
    parent = "knowledge-article"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the article."""
        return queries.get_article(scope, kwargs["pk"])

    def back(self, thing: Any) -> str:
        """Return the article's address."""
        return self.url("knowledge-article", pk=thing.pk)


class ArticleNew(FormPage):
    """Write an article (新建知识)."""

    name = "knowledge-new"
    path = "operations/knowledge/new/"
    title = "新建知识"
    permission = WRITE
    parent = "knowledge-articles"
    form = forms.ArticleForm
    submit = "保存草稿"
    wide = True
    intro = "保存后提交审核；由另一位有审核权限的人员审核发布，才能检索到。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        made = services.draft(scope, now=now, **data)
        return Done(f"草稿 {made.code} 已保存。", to=self.url("knowledge-article", pk=made.pk))


class ArticleEdit(_OfArticle):
    """Change the version that is being written (修改草稿)."""

    name = "knowledge-edit"
    path = "operations/knowledge/<int:pk>/edit/"
    title = "修改知识"
    form = forms.WordsForm
    wide = True

    def version(self, thing: Any) -> str:
        """Return what changes whenever the draft does."""
        opened = queries.open_version(thing)
        return f"{opened.number}-{opened.state}-{opened.written_at.timestamp()}" if opened else ""

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the draft's words."""
        opened = queries.open_version(thing)
        if opened is None:
            return {}
        return {"title": opened.title, "body": opened.body, "keywords": opened.keywords}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the words."""
        services.edit(scope, thing.pk, now=now, **data)
        return Done("草稿已保存。", to=self.back(thing))


class ArticleRevise(_OfArticle):
    """Start the next version (修订)."""

    name = "knowledge-revise"
    path = "operations/knowledge/<int:pk>/revise/"
    title = "修订知识"
    form = forms.RevisionForm
    submit = "保存草稿"
    wide = True
    intro = "现行版本在新版本发布之前一直有效。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what is published."""
        held = thing.published
        return {"title": held.title, "body": held.body, "keywords": held.keywords} if held else {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the new version as a draft."""
        made = services.revise(scope, thing.pk, now=now, **data)
        return Done(f"第 {made.number} 版草稿已保存。", to=self.back(thing))


class ArticleSubmit(ActionPage):
    """Hand the draft in (提交审核)."""

    name = "knowledge-submit"
    path = "operations/knowledge/<int:pk>/submit/"
    title = "提交审核"
    permission = WRITE
    parent = "knowledge-article"
    confirm = "将「{thing}」的在编版本提交审核；审核期间不能修改。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the article."""
        return queries.get_article(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Submit it."""
        services.submit(scope, thing.pk, now=now)
        return Done("已提交，待另一位人员审核。", to=self.url("knowledge-article", pk=thing.pk))


class ArticleReview(_OfArticle):
    """Publish or send back (审核知识)."""

    name = "knowledge-review"
    path = "operations/knowledge/<int:pk>/review/"
    title = "审核知识"
    permission = "knowledge.review"
    form = forms.ReviewForm
    submit = "提交"
    template = "operations/knowledge/review.html"
    units = {"review_days": "天"}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with consent."""
        return {"agree": "1", "review_days": 180}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Show the words that are decided on above the form."""
        return super().show(template, {**context, "opened": queries.open_version(self.thing)}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the decision."""
        agree = data["agree"] == "1"
        services.review(
            scope, thing.pk, now=now, agree=agree, note=data["note"], review_days=data["review_days"]
        )
        return Done("已发布，现在可以检索到。" if agree else "已退回。", to=self.back(thing))


class ArticleAttach(_OfArticle):
    """Add a file (添加附件)."""

    name = "knowledge-attach"
    path = "operations/knowledge/<int:pk>/attach/"
    title = "添加附件"
    form = forms.FileForm
    submit = "上传"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the file."""
        upload = data["file"]
        services.attach(scope, thing.pk, now=now, name=upload.name or "附件", stream=upload)
        return Done("附件已保存。", to=self.back(thing))


class ArticleRetire(_OfArticle):
    """Take it out of use (停用知识)."""

    name = "knowledge-retire"
    path = "operations/knowledge/<int:pk>/retire/"
    title = "停用知识"
    form = forms.RetireForm
    submit = "停用"
    intro = "停用后不再被检索到，记录保留。"

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Retire it."""
        services.retire(scope, thing.pk, now=now, reason=data["reason"])
        return Done("已停用。", to=self.back(thing))


PAGES: Sequence[type[Any]] = [
    ArticleNew,
    ArticleEdit,
    ArticleRevise,
    ArticleSubmit,
    ArticleReview,
    ArticleAttach,
    ArticleRetire,
]
