"""The page of a case (事项页): facts, clocks, what can be done now, history, files, comments, links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from taxops.engines.base import Scope
from taxops.engines.cases import Event, explain
from taxops.platform.casework import history, queries, registry
from taxops.systems.operations.cases import queries as room
from taxops.systems.operations.cases.rules import TYPES
from taxops.web.kit import Action, DetailPage, Fact, State, Tab

from . import badges

LIVE = "cases.case.{pk}"

_KINDS = {
    "open": "发起",
    "vote": "审批意见",
    "assign": "分派",
    "note": "留言",
    "attach": "附件",
    "policy": "规则变更",
}


_ABOVE = {"标题", "提出人", "级别", "系统"}
"""What the head of the page says already."""


def _line(event: Event, kind: Any) -> dict[str, Any]:
    """Return one line of the history as it is shown."""
    said = event.data
    label = str(said.get("label") or _KINDS.get(event.kind, event.kind))
    if event.kind == "vote" and said["step"] in kind.transitions:
        label = f"{kind.transitions[said['step']].label}（同意）"
    form = [
        (kind.fields[code].label, registry.worded(kind.fields[code], value))
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
    facts = [(label, words) for label, words in view.facts if label not in _ABOVE]
    return {"facts_said": facts, "escalations": told}


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


def _is_over(case: Any) -> bool:
    """Test whether a sudden event is over, so that it can be analysed."""
    return case.type in TYPES and case.state in ("restored", "resolved", "reported", "written", "closed")


class CasePage(DetailPage):
    """One case (事项)."""

    name = "cases-case"
    path = "operations/cases/<int:pk>/"
    title = "事项"
    permission = None  # who may see a case is decided case by case: its requester always may
    parent = "cases-list"
    template = "operations/cases/case.html"
    facts = [
        Fact(name="type", label="类型", value=lambda c: badges.type_label(c.type)),
        Fact(name="system", label="系统", value=lambda c: room.system_name(c.system)),
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
        Action(
            "会诊",
            page="desk-conference-new",
            icon="users",
            when=lambda c: c.phase != "closed",
            permission=("cases.second", "cases.lead"),
        ),
        Action("分析报告", page="cases-analysis", icon="file-text", when=_is_over),
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

    @property
    def live_topic(self) -> str:  # type: ignore[override]  # every case has its own
        """The topic of this very case; whoever sees only his own case may not listen."""
        return LIVE.format(pk=self.kwargs["pk"]) if self.scope.has("cases.view") else ""

    def topic_of(self, tab: Tab, thing: Any) -> str:
        """Return the case's topic: what another desk does shows on every tab."""
        return self.live_topic

    def shown_facts(self, thing: Any) -> Any:
        """Return the facts; those that this kind of case does not have are left out."""
        lacks = {name for name in ("system", "level", "requester", "closed_at") if not getattr(thing, name)}
        return [pair for pair in super().shown_facts(thing) if pair[0].name not in lacks]

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
        printed = self.request.GET.get("format") == "print"
        others = [tab for tab in self.tabs if printed and tab.code != self.request.GET.get("tab", "about")]
        parts = [dict(tab.context(scope, now, thing)) for tab in others if tab.context]
        return {
            **{name: value for part in parts for name, value in part.items()},
            "printed": others,  # a case prints as one document, whatever tab is open
            "next_by": "" if view.steps else badges.next_by(view.kind, view.folded),
            "bars": [_bar(face, now) for face in view.clocks],
            "papers": [
                *map(_paper(thing.pk), room.papers_of(view)),
                *map(_analysis, room.analyses_of(thing)),
            ],
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


def _paper(pk: int) -> Callable[[tuple[str, str]], dict[str, str]]:
    """Return how a paper of the history is offered: its title and where each form of it lies."""

    def offered(paper: tuple[str, str]) -> dict[str, str]:
        code, title = paper
        return {"title": title, **{f: reverse("cases-paper", args=[pk, code, f]) for f in ("docx", "pdf")}}

    return offered


def _analysis(paper: Any) -> dict[str, str]:
    """Return how a version of the analysis is offered."""
    title = f"突发事件分析报告第 {paper.version} 版"
    where = {
        f: reverse("cases-analysis-file", args=[paper.case_id, paper.version, f]) for f in ("docx", "pdf")
    }
    return {"title": title, **where}


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
