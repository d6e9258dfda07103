"""Reading, checking and carrying away the trail (审计日志)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models.query import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase

from taxops.engines.base import CHINA, Scope, parse_instant
from taxops.platform.audit import exports, queries
from taxops.platform.audit.wording import KINDS, VIAS, action_words, kind_words
from taxops.platform.jobs import services as jobs
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
    Tab,
    TextFilter,
    differences,
)


class AuditEntries(ListPage):
    """The entries an auditor may see (审计日志)."""

    name = "audit-entries"
    path = "platform/audit/"
    title = "审计日志"
    permission = "audit.view"
    scope_field = "org_path"
    detail = "audit-entry"
    sort = "-seq"
    search = ["label", "object_id", "actor_name", "address"]
    search_hint = "对象、操作人或来源地址"
    empty = "还没有审计记录。"
    columns = [
        Column(name="seq", label="序号", kind="number"),
        Column(name="at", label="发生时间", kind="datetime"),
        Column(name="actor_name", label="操作人", card="title"),
        Column(name="action", label="操作", value=lambda e: action_words(e.action), sort="action"),
        Column(name="kind", label="对象类型", value=lambda e: kind_words(e.kind), sort="kind"),
        Column(name="label", label="对象", wide=True),
        Column(name="object_id", label="对象编号", hidden=True),
        Column(name="address", label="来源地址"),
        Column(name="via", label="途径", value=lambda e: VIAS.get(e.via, e.via), sort="via"),
        Column(name="entered_at", label="记录时间", kind="datetime", hidden=True),
        Column(name="code", label="操作代码", value=lambda e: e.action, sort="action", hidden=True),
        Column(name="hash", label="摘要", sort="", hidden=True),
    ]
    filters = [
        TextFilter(name="actor", label="操作人", field="actor_name"),
        ChoiceFilter(name="kind", label="对象类型", choices=list(KINDS.items()), multiple=True),
        TextFilter(name="action", label="操作代码"),
        TextFilter(name="object", label="对象编号", apply=lambda rows, value: rows.filter(object_id=value)),
        DateRangeFilter(name="at", label="发生日期", field="at"),
        OrgFilter(name="org", label="机构", field="org_path"),
        ChoiceFilter(name="via", label="途径", choices=list(VIAS.items())),
    ]
    actions = [
        Action("校验完整性", page="audit-verify", icon="shield-check", style="primary"),
        Action("导出校验文件", page="audit-export", icon="download"),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the entries within the scope."""
        return queries.list_entries(scope)


def _changes(_scope: Scope, _now: datetime, entry: Any) -> Mapping[str, Any]:
    return {"changes": differences(entry.values_before or {}, entry.values_after or {})}


def _same(scope: Scope, _now: datetime, entry: Any) -> Mapping[str, Any]:
    rows = queries.list_entries(scope, kind=entry.kind, object_id=entry.object_id)[:100]
    return {"rows": [(row, action_words(row.action)) for row in rows], "present": entry.seq}


class AuditEntryPage(DetailPage):
    """One entry (审计记录): who, what, before and after, and its place in the chain."""

    name = "audit-entry"
    path = "platform/audit/<int:pk>/"
    title = "审计记录"
    permission = "audit.view"
    parent = "audit-entries"
    facts = [
        Fact(name="at", label="发生时间", kind="datetime"),
        Fact(name="entered_at", label="记录时间", kind="datetime"),
        Fact(name="actor_name", label="操作人"),
        Fact(name="kind", label="对象类型", value=lambda e: kind_words(e.kind)),
        Fact(name="object_id", label="对象编号"),
        Fact(name="address", label="来源地址"),
        Fact(name="via", label="途径", value=lambda e: VIAS.get(e.via, e.via)),
        Fact(name="request_id", label="请求编号"),
    ]
    tabs = [
        Tab(code="changes", label="变更内容", template="audit/changes.html", context=_changes),
        Tab(code="same", label="同一对象", template="audit/same.html", context=_same),
        Tab(code="chain", label="链与摘要", template="audit/chain.html"),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the entry, or None outside the scope."""
        return queries.find(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return what was done to what."""
        return f"{action_words(thing.action)}{kind_words(thing.kind)}「{thing.label or thing.object_id}」"

    def subheading(self, thing: Any) -> str:
        """Return the entry's number and code."""
        return f"第 {thing.seq} 条 · {thing.action}"


class AuditVerify(ActionPage):
    """Start checking the trail (校验完整性); a job does it, its page shows how far it is."""

    name = "audit-verify"
    path = "platform/audit/verify/"
    title = "校验审计日志"
    permission = "audit.view"
    parent = "audit-entries"
    confirm = "将从第一条起逐条核对审计日志的摘要链、链头和封签。核对在后台进行，不影响使用。"
    submit = "开始校验"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Ask for the job; while one is going, that one is shown."""
        run = jobs.enqueue("audit.verify", scope=scope, now=now, key=f"person-{scope.actor_id}")
        return Done("校验已开始。", to=self.url("jobs-run", pk=run.id))


class AuditExport(Page):
    """Carry the trail away with its hashes (导出校验文件), one JSON text a line."""

    name = "audit-export"
    path = "platform/audit/export/"
    title = "导出校验文件"
    permission = "audit.view"
    parent = "audit-entries"
    template = "audit/export.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return how many entries there are to carry away."""
        return {"count": queries.list_entries(scope).count(), "most": exports.MOST}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the file, and write into the trail that it was taken."""
        since, until = (_day(request.POST.get(name, "")) for name in ("since", "until"))
        out = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - the response closes it
        count = exports.write(self.scope, out, since=since, until=until, now=self.now)
        out.seek(0)
        name = f"审计日志-{self.now.astimezone(CHINA):%Y%m%d-%H%M}-{count}条.jsonl"
        return FileResponse(out, as_attachment=True, filename=name, content_type="application/x-ndjson")


def _day(text: str) -> datetime | None:
    return parse_instant(text) if text.strip() else None


class AuditSeals(ListPage):
    """The signed heads of the chain (审计封签)."""

    name = "audit-seals"
    path = "platform/audit/seals/"
    title = "审计封签"
    permission = "audit.view"
    scope_field = ""
    sort = "-seq"
    note = "每天 23:50 对链头签名。请把摘要抄存到别处：另存的摘要能识别整链重写。"
    empty = "还没有封签。每天 23:50 自动封签一次。"
    columns = [
        Column(name="seq", label="封到第几条", kind="number"),
        Column(name="at", label="封签时间", kind="datetime"),
        Column(name="hash", label="摘要", wide=True, sort=""),
        Column(name="public_key", label="公钥", sort="", hidden=True),
        Column(name="signature", label="签名", sort="", hidden=True),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the seals."""
        return queries.list_seals(scope)


PAGES = [AuditEntries, AuditVerify, AuditExport, AuditSeals, AuditEntryPage]
