"""Pages of deliverables (交付物): list, one paper with versions and differences, preview, download, signing. D03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import CHINA, NotFound, Scope
from taxops.engines.documents import Figure, Heading, Note, Paragraph, ReportTable, as_cell, numbered
from taxops.platform.files import views as file_views
from taxops.platform.identity.queries import list_orgs
from taxops.systems.operations.deliverables import forms, queries, rules, services
from taxops.systems.operations.deliverables.words import Kind, Signer, Standing
from taxops.web.kit import (
    Action,
    Chart,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Page,
    Series,
    State,
    Tab,
    Tone,
    state_of,
)
from taxops.web.manifest import MenuItem

STATES: Mapping[str, Tone | str] = {
    Standing.DRAFT: Tone.ACTIVE,
    Standing.PREPARED: Tone.ACTIVE,
    Standing.REVIEWED: Tone.ACTIVE,
    Standing.RECEIVED: Tone.GOOD,
}


class DeliverableList(ListPage):
    """All papers (交付物列表)."""

    name = "deliverables"
    path = "operations/deliverables/"
    title = "交付物"
    permission = "monitoring.view"
    columns = [
        Column(name="day", label="日期", kind="date"),
        Column(name="kind", label="种类", value=lambda d: d.get_kind_display()),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="number", label="文号", wide=True),
        Column(name="standing", label="状态", kind="state", choices=Standing, tones=STATES),
        Column(name="latest", label="版本", value=lambda d: f"第 {d.latest} 版"),
        Column(name="made_at", label="生成时间", kind="datetime"),
        Column(name="why", label="修订原因", wide=True),
        Column(name="digest", label="数据摘要", value=lambda d: (d.digest or "")[:16], sort="", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="standing", label="状态", choices=Standing, multiple=True),
        ChoiceFilter(name="kind", label="种类", choices=Kind),
        DateRangeFilter(name="days", label="日期", field="day"),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["number", "org__name"]
    sort = "-day"
    detail = "deliverable"
    empty = "还没有交付物。每天 00:30 自动出具前一日的《系统运行监控报告》，也可以现在补出。"
    note = "每一版由冻结数据生成、不再改动；此后批准的剔除或迟到的结果生成新版本并列明差异。"
    actions = [Action("出具日报", page="deliverable-make", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the papers within the scope."""
        return queries.list_deliverables(scope)


def _preview(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    """Return the present version as the page shows it: the same document, its charts drawn by the page."""
    version = thing.versions_read[0]
    document = services.document_of(version, pictures=False)
    charts = [
        Chart(
            title=chart.title,
            unit=chart.unit,
            source=chart.source,
            categories=chart.categories,
            series=[Series(name=one["name"], values=one["values"]) for one in chart.series],
            kind=chart.kind,  # type: ignore[arg-type]  # one of the kit's kinds
            option=chart.option,
        )
        for chart in rules.charts_of(queries.inputs_of(version))
    ]
    return {
        "version": version,
        "document": document,
        "blocks": [*map(_block, numbered(document))],
        "charts": charts,
    }


def _block(block: Any) -> dict[str, Any]:
    """Return a block of the document for the template."""
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level + 1}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text, "tone": block.tone}
        case Note():
            return {"kind": "note", "text": block.text}
        case ReportTable():
            rows = [[as_cell(cell) for cell in row] for row in block.rows]
            aligns = block.aligns or ["left"] * len(block.header)
            return {"kind": "table", "caption": block.caption, "header": [*zip(block.header, aligns, strict=True)],
                    "rows": [[*zip(row, aligns, strict=True)] for row in rows], "empty": block.empty}  # fmt: skip
        case Figure():
            return {"kind": "figure", "caption": block.caption}
    return {"kind": "break"}


class DeliverableDetail(DetailPage):
    """One paper (交付物)."""

    name = "deliverable"
    path = "operations/deliverables/<int:pk>/"
    title = "交付物"
    permission = "monitoring.view"
    parent = "deliverables"
    template = "operations/deliverables/detail.html"
    audit_kind = "deliverable"
    facts = [
        Fact(name="day", label="日期", kind="date"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="number", label="文号"),
        Fact(name="latest", label="现行版本", value=lambda d: f"第 {d.latest} 版"),
        Fact(name="made_at", label="生成时间", kind="datetime"),
        Fact(name="digest", label="数据摘要（SM3）", wide=True),
    ]
    actions = [
        Action(
            "签字",
            page="deliverable-sign",
            icon="signature",
            style="primary",
            when=lambda d: d.standing != Standing.RECEIVED,
            permission="monitoring.view",
        ),
    ]
    tabs = [
        Tab(code="preview", label="预览", template="operations/deliverables/preview.html", context=_preview),
        Tab(
            code="versions",
            label="版本与差异",
            template="operations/deliverables/versions.html",
            count=lambda _scope, _now, thing: thing.latest,
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the paper with its versions."""
        paper = queries.get_deliverable(scope, kwargs["pk"])
        paper.versions_read = queries.versions_of(paper)
        return paper

    def heading(self, thing: Any) -> str:
        """Return kind and day."""
        return f"{thing.get_kind_display()} {thing.day}"

    def state(self, thing: Any) -> State:
        """Return where it stands."""
        return state_of(thing.standing, label=thing.get_standing_display(), tones=STATES)

    def subheading(self, thing: Any) -> str:
        """Say why the present version was made."""
        return f"修订原因：{thing.why}" if thing.why else ""

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the signatures of the present version, role by role."""
        signed = {one.role: one for one in thing.versions_read[0].signatures.all()}
        return {
            "signers": [(role.label, signed.get(role.value)) for role in Signer],
            "versions": thing.versions_read,
        }


class DeliverableDownload(Page):
    """Download a version as Word or PDF (下载交付物); made when it is asked for the first time."""

    name = "deliverable-download"
    path = "operations/deliverables/<int:pk>/<int:version>/<str:form>/"
    title = "下载交付物"
    permission = "monitoring.view"
    parent = "deliverable"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the bytes, checked against what was stored.

        Raises:
            NotFound: no such version, or a form that is not made.
        """
        if kwargs["form"] not in {"docx", "pdf"}:
            raise NotFound("没有这种格式。", "可以下载 docx 或 pdf。")
        version = queries.get_version(self.scope, kwargs["pk"], kwargs["version"])
        version = services.files_of(self.scope, version, now=self.now)
        file = version.docx_id if kwargs["form"] == "docx" else version.pdf_id
        return file_views.answer(request, self.scope, file or 0)


class DeliverableMake(FormPage):
    """Make a day's report now (出具日报)."""

    name = "deliverable-make"
    path = "operations/deliverables/make/"
    title = "出具日报"
    permission = services.MAKE
    parent = "deliverables"
    form = forms.MakeForm
    submit = "出具"
    intro = "已出具过的日期：数据没有变化时不生成新版本；有变化时生成新版本并列明差异。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with yesterday."""
        return {"day": (now.astimezone(CHINA) - timedelta(days=1)).date()}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Make it."""
        org = list_orgs(scope, permission=services.MAKE).get(pk=data["org"])
        version, fresh = services.make_daily(scope, now=now, org=org, day=data["day"])
        words = (
            f"已生成第 {version.version} 版。"
            if fresh
            else f"数据没有变化，现行仍是第 {version.version} 版。"
        )
        return Done(words, to=self.url("deliverable", pk=version.deliverable_id))


class DeliverableSign(FormPage):
    """Sign the present version (签字)."""

    name = "deliverable-sign"
    path = "operations/deliverables/<int:pk>/sign/"
    title = "签字"
    permission = "monitoring.view"
    parent = "deliverable"
    form = forms.SignForm
    submit = "签字"
    intro = "依次为编制、审核、局方签收，须由不同的人签。签字只对现行版本有效，有新版本时重新签。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the paper."""
        return queries.get_deliverable(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Carry the version that the person sees."""
        return {"version": thing.latest}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the signature."""
        services.sign(scope, thing.pk, now=now, version=data["version"], note=data["note"])
        return Done("已签字。", to=self.url("deliverable", pk=thing.pk))


PAGES: Sequence[type[Any]] = [
    DeliverableList,
    DeliverableMake,
    DeliverableDetail,
    DeliverableSign,
    DeliverableDownload,
]

MENU = [MenuItem("交付物", "deliverables", "monitoring.view", "file-text")]
