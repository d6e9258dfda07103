"""Papers of a case (事项文书): what its history holds, and the analysis of a sudden event, as Word and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from taxops.engines.base import NotFound, Scope
from taxops.engines.documents import Document
from taxops.platform.casework import queries
from taxops.systems.operations.cases import queries as room
from taxops.systems.operations.cases import rules, services
from taxops.systems.operations.cases.forms.acting import AnalysisForm
from taxops.web.kit import Done, FormPage, Page

_FORMS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


class _Download(Page):
    """What downloads share (下载): the same paper gives the same bytes, and nothing of it is kept on the way."""

    permission = None  # who sees the case sees its papers
    parent = "cases-case"

    def paper(self) -> Document:
        """Return the paper."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the paper.

        Raises:
            NotFound: no such case, no such paper yet, or a form that is not made.
        """
        if kwargs["form"] not in _FORMS:
            raise NotFound("没有这种格式。", "可以下载 docx 或 pdf。")
        paper = self.paper()
        from taxops.engines.documents import render_docx, render_pdf  # heavy: only when a paper is asked for

        content = render_docx(paper) if kwargs["form"] == "docx" else render_pdf(paper)
        name = f"{paper.number}.{kwargs['form']}".replace(" ", "-")
        shown = request.GET.get("inline") == "1" and kwargs["form"] == "pdf"
        return HttpResponse(
            content,
            content_type=_FORMS[kwargs["form"]],
            headers={
                "Content-Disposition": content_disposition_header(not shown, name) or "attachment",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )


class CaseReport(_Download):
    """Download an incident's four-part report (下载故障处理报告)."""

    name = "cases-report"
    path = "operations/cases/<int:pk>/report.<str:form>"
    title = "故障处理报告"

    def paper(self) -> Document:
        """Return the report."""
        return room.report_of(self.scope, self.kwargs["pk"])


class CasePaperFile(_Download):
    """Download a paper that a case's history holds (下载事项文书): 故障处理报告、故障排查任务单、重大事项说明."""

    name = "cases-paper"
    path = "operations/cases/<int:pk>/papers/<slug:paper>.<str:form>"
    title = "事项文书"

    def paper(self) -> Document:
        """Return the paper."""
        return room.paper_of(self.scope, self.kwargs["pk"], self.kwargs["paper"])


class CaseAnalysisFile(_Download):
    """Download a version of the analysis (下载突发事件分析报告)."""

    name = "cases-analysis-file"
    path = "operations/cases/<int:pk>/analysis/<int:version>.<str:form>"
    title = "突发事件分析报告"

    def paper(self) -> Document:
        """Return the version."""
        return room.analysis_of(self.scope, self.kwargs["pk"], self.kwargs["version"])


class CaseAnalysis(FormPage):
    """Write 《突发事件分析报告》 (编制突发事件分析报告): four parts, the evidence is added and frozen."""

    name = "cases-analysis"
    path = "operations/cases/<int:pk>/analysis/"
    title = "突发事件分析报告"
    permission = services.WRITE
    parent = "cases-case"
    form = AnalysisForm
    submit = "编制"
    intro = "四部分由人编制；处理经过、时限和监控中断由平台附上并冻结，有变化时生成新版本。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the incident or major matter."""
        found = queries.find(scope, kwargs["pk"])
        return found if found is not None and found.type in rules.TYPES else None

    def heading_text(self) -> str:
        """Return the paper's name and the case."""
        return f"突发事件分析报告：{self.thing.title}"

    def crumb_label(self, step: type[Page]) -> str:
        """Return the case's number for the page of the case."""
        return str(self.thing.number) if step.name == "cases-case" else step.title

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the latest version, else with what the case says already."""
        return room.latest_parts(thing)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Write it."""
        paper, fresh = services.write_analysis(
            scope, now=now, case_id=thing.pk, parts={code: data[code] for code, _ in rules.PARTS}
        )
        words = (
            f"已编制第 {paper.version} 版，可以下载。"
            if fresh
            else f"内容没有变化，仍是第 {paper.version} 版。"
        )
        return Done(words, to=self.url("cases-case", pk=thing.pk))


PAGES = [CaseReport, CasePaperFile, CaseAnalysis, CaseAnalysisFile]
