"""Files (文件): what is stored, for whom, and whether its bytes are still what they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import Scope
from taxops.platform.files import purposes, queries, services, views
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    ListPage,
    OrgFilter,
    Page,
)


def _purposes(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(purpose.code, purpose.label) for purpose in purposes.list_all()]


def _purpose_words(file: Any) -> str:
    return next((p.label for p in purposes.list_all() if p.code == file.purpose), str(file.purpose))


class FileList(ListPage):
    """Files of the organisations one may look after (文件列表)."""

    name = "files"
    path = "files/"
    title = "文件"
    permission = "files.view"
    columns = [
        Column(name="name", label="文件名", wide=True, card="title"),
        Column(name="purpose", label="用途", value=_purpose_words, sort="purpose"),
        Column(name="size", label="大小", kind="size"),
        Column(name="media_type", label="类型", hidden=True),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="uploaded_by", label="上传人", sort="uploaded_by__pinyin"),
        Column(name="uploaded_at", label="上传时间", kind="datetime"),
        Column(name="sm3", label="SM3 摘要", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="purpose", label="用途", choices=_purposes, multiple=True),
        OrgFilter(name="org", label="机构"),
        DateRangeFilter(name="uploaded", label="上传日期", field="uploaded_at"),
    ]
    search = ["name", "sm3"]
    search_hint = "搜索文件名或摘要"
    sort = "-uploaded_at"
    detail = "file"
    empty = "还没有文件。附件、导入文件和证据材料保存后会出现在这里。"

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the files within `files.view`."""
        return queries.managed(scope)


class FileDetail(DetailPage):
    """One file (文件)."""

    name = "file"
    path = "files/<int:pk>/"
    title = "文件"
    parent = "files"
    audit_kind = "file"
    facts = [
        Fact(name="purpose", label="用途", value=_purpose_words),
        Fact(name="size", label="大小", kind="size"),
        Fact(name="media_type", label="内容类型"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="uploaded_by", label="上传人"),
        Fact(name="uploaded_at", label="上传时间", kind="datetime"),
        Fact(name="sm3", label="SM3 摘要", wide=True),
    ]
    actions = [
        Action("下载", page="file-download", icon="download", style="primary"),
        Action("删除", page="file-remove", icon="trash", style="danger"),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the file, or None outside the scope."""
        return queries.find(scope, kwargs["pk"])


class FileDownload(Page):
    """Download a file (下载文件)."""

    name = "file-download"
    path = "files/<int:pk>/download/"
    title = "下载文件"
    parent = "file"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the bytes, checked against what was stored."""
        return views.answer(request, self.scope, kwargs["pk"])


class FileRemove(ActionPage):
    """Forget a file (删除文件)."""

    name = "file-remove"
    path = "files/<int:pk>/remove/"
    title = "删除文件"
    parent = "files"
    danger = True
    confirm = "将删除文件「{thing}」。没有其他记录使用同样内容时，内容会在下次清理时从磁盘删除，不能恢复。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the file, or None outside the scope."""
        return queries.find(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Forget it."""
        services.remove(scope, now=now, file=thing)
        return Done(f"文件「{thing.name}」已删除。", to=self.url("files") if scope.has("files.view") else "/")
