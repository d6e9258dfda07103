"""The page of a case (事项页): facts, clocks, what can be done now, history, files, comments, links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from taxops.engines.base import NotFound, Scope
from taxops.engines.cases import Event, explain, shown
from taxops.platform.casework import history, queries, registry
from taxops.systems.operations.cases import queries as room
from taxops.web.kit import Action, DetailPage, Fact, Page, State, Tab

from . import badges
from .lists import LIVE

_KINDS = {
    "open": "发起",
    "vote": "审批意见",
    "assign": "分派",
    "note": "留言",
    "attach": "附件",
    "policy": "规则变更",
}


def _line(event: Event, kind: Any) -> dict[str, Any]:
    """Return one line of the history as it is shown."""
    said = event.data
    label = str(said.get("label") or _KINDS.get(event.kind, event.kind))
    if event.kind == "vote" and said["step"] in kind.transitions:
        label = f"{kind.transitions[said['step']].label}（同意）"
    form = [
        (kind.fields[code].label, shown(kind.fields[code], value))
        for code, value in dict(said.get("form", {})).items()
        if code in kind.fields and value not in (None, "", [])
    ]
    words = str(said.get("text") or said.get("reason") or said.get("name") or "")
    if said.get("removed"):
        label = "移除附件"
    return {
        "seq": event.seq,
        "at": history.instant(event.at),
        "entered_at": history.instant(event.entered_at),
        "late": event.entered_at - event.at > 60,
        "who": event.actor_name,
        "label": label,
        "words": words,
        "form": form,
    }


def _about(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:
    view = queries.view(scope, case, now)
    labels = {clock.code: clock.label for clock in view.kind.clocks}
    told = [(labels.get(row.clock, row.clock), row) for row in queries.escalations_of(case)]
    return {"view": view, "escalations": told}


def _history(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:
    view = queries.view(scope, case, now)
    lines = [_line(event, view.kind) for event in view.events][::-1]
    return {"lines": lines, "broken": history.verify(case)}


def _clocks(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:
    view = queries.view(scope, case, now)
    found = explain(view.kind, view.events, registry.calendars(case.org.path), history.seconds(now))
    return {"explained": [(badges.face_state(face), face, lines) for face, lines in found]}


def _files(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:  # noqa: ARG001
    return {"files": queries.attachments(case)}


def _talk(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:
    return {"comments": queries.comments(queries.view(scope, case, now).events)}


def _links(scope: Scope, now: datetime, case: Any) -> Mapping[str, Any]:  # noqa: ARG001
    return {"links": [(word, other, badges.case_state(other)) for word, other in queries.links(scope, case)]}


def _waits(case: Any) -> bool:
    """Test whether a case waits for somebody of the first or second line to take it (待领取)."""
    return case.phase != "closed" and case.assignee_id is None and case.queue in ("line1", "line2")


class CasePage(DetailPage):
    """One case (事项)."""

    name = "cases-case"
    path = "operations/cases/<int:pk>/"
    title = "事项"
    permission = None  # who may see a case is decided case by case: its requester always may
    parent = "cases-list"
    template = "operations/cases/case.html"
    live_topic = LIVE
    facts = [
        Fact(name="type", label="类型", value=lambda c: badges.type_label(c.type)),
        Fact(name="level", label="级别", value=badges.level_label),
        Fact(name="queue", label="队列", value=lambda c: badges.queue_label(c.queue)),
        Fact(name="assignee", label="办理人", value=lambda c: str(c.assignee or "未分派")),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="requester", label="提出人"),
        Fact(name="opened_at", label="发起时间", kind="datetime"),
        Fact(name="closed_at", label="办结时间", kind="datetime"),
    ]
    actions = [
        Action("领取", page="desk-pick", icon="check", when=_waits),
        Action("留言", page="cases-comment", icon="message"),
        Action("上传附件", page="cases-attach", icon="paperclip"),
        Action("分派、移交", page="cases-assign", icon="user", when=lambda c: c.phase != "closed"),
        Action("关联", page="cases-link", icon="link"),
        Action("会诊", page="desk-conference-new", icon="users", when=lambda c: c.phase != "closed"),
        Action("关注", page="cases-watch", icon="eye"),
    ]
    tabs = [
        Tab(code="about", label="内容", template="operations/cases/about.html", context=_about),
        Tab(code="events", label="历史", template="operations/cases/events.html", context=_history),
        Tab(code="clocks", label="时限说明", template="operations/cases/clocks.html", context=_clocks),
        Tab(code="files", label="附件", template="operations/cases/files.html", context=_files),
        Tab(code="talk", label="留言", template="operations/cases/talk.html", context=_talk),
        Tab(code="links", label="关联", template="operations/cases/links.html", context=_links),
    ]

    def load(self, scope: Scope, now: datetime, pk: int) -> Any:  # type: ignore[override]
        """Return the case, or None outside the scope."""
        return queries.find(scope, pk)

    def subheading(self, thing: Any) -> str:
        """Return the number, and what it was merged into."""
        return (
            f"{thing.number}（已并入 {thing.merged_into.number}）" if thing.merged_into_id else thing.number
        )

    def state(self, thing: Any) -> State:
        """Return the state in the words of its type."""
        return badges.case_state(thing)

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the clocks as bars and the steps that this reader may take."""
        view = queries.view(scope, thing, now)
        return {
            "bars": [_bar(face, now) for face in view.clocks],
            "live": scope.has("cases.view"),  # whoever sees only his own case may not listen to all of them
            "has_report": thing.type == "incident" and room.has_report(view),
            "steps": [
                {
                    "label": step.label,
                    "help": step.help,
                    "style": step.style,
                    "url": reverse("cases-execute", kwargs={"pk": thing.pk})
                    if step.effect == "run_datafix"
                    else reverse("cases-step", kwargs={"pk": thing.pk, "step": step.code}),
                }
                for step in view.steps
                if step.effect != "settle_datafix"  # taken where the execution is looked at
            ],
        }


_FORMS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


class CaseReport(Page):
    """Download an incident's four-part report (下载故障处理报告) as Word or PDF; the same history, the same bytes."""

    name = "cases-report"
    path = "operations/cases/<int:pk>/report.<str:form>"
    title = "故障处理报告"
    permission = None  # who sees the incident sees its report
    parent = "cases-case"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the paper.

        Raises:
            NotFound: no such incident, no report yet, or a form that is not made.
        """
        if kwargs["form"] not in _FORMS:
            raise NotFound("没有这种格式。", "可以下载 docx 或 pdf。")
        paper = room.report_of(self.scope, kwargs["pk"])
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


def _bar(face: Any, now: datetime) -> dict[str, Any]:
    """Return a clock as a bar of a hundred parts; beyond the limit it is full and says by how much."""
    deadline = history.instant(face.deadline) if face.deadline is not None else None
    return {
        "face": face,
        "state": badges.face_state(face),
        "width": min(100, int(face.part * 100)),
        "deadline": deadline,
        "over": max(0, face.elapsed_seconds - face.target_seconds),
        "left": max(0, face.target_seconds - face.elapsed_seconds),
        "past": deadline is not None and deadline <= now,
    }
