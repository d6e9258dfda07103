"""Reads of the cases room beyond the cases themselves: the report of an incident, targets and their executions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from taxops.engines.base import NotFound, Scope
from taxops.engines.documents import Document, Frozen, thaw
from taxops.platform.casework import history
from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import MonitoredSystem

from . import rules, sealing
from .models import CasePaper, DataFixRun, DataTarget, OutageCase

LEAD = "cases.lead"
OPEN = "cases.open"


def system_name(code: str) -> str:
    """Return the name of a watched system for its code (系统名称); other words are their own name."""
    found = MonitoredSystem.objects.filter(code=code).values_list("name", flat=True).first() if code else None
    return found or code


def with_system(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return cases with `system_name`, read only for the rows that are shown."""
    named = MonitoredSystem.objects.filter(code=OuterRef("system")).values("name")[:1]
    shown: QuerySet[Any] = rows.annotate(system_name=Coalesce(Subquery(named), F("system")))
    return shown


def systems_to_name(scope: Scope) -> list[tuple[str, str]]:
    """Return code and name of the systems that a case of the actor may be about: his own and those above him."""
    paths = scope.paths(OPEN)
    rows = MonitoredSystem.objects.filter(archived_at=None)
    if "" not in paths:
        above = {f"{path[: n + 1]}" for path in paths for n, c in enumerate(path) if c == "/"}
        where = Q(org__path__in=above)
        for path in paths:
            where |= Q(org__path__startswith=path)
        rows = rows.filter(where)
    return list(rows.order_by("sort", "code").values_list("code", "name")[:300])


def has_report(view: casework.CaseView) -> bool:
    """Test whether an incident stands reported or closed on its report: one that came back needs it anew."""
    return view.case.state in ("reported", "closed") and "report" in view.folded.since_reopen


def told_of(scope: Scope, case: Case) -> tuple[rules.Report, casework.CaseView]:
    """Return what a case's papers are made of, its clocks as at the history's last line, its system by name."""
    events = history.load(case)
    written: datetime = history.instant(max(event.entered_at for event in events))
    view = casework.view(scope, case, written)
    data = {**view.folded.data, "system": system_name(case.system)}
    report = rules.Report(
        case.number, case.title, str(case.org), data, view.kind, events, view.clocks, case.head, written
    )
    return report, view


def papers_of(view: casework.CaseView) -> list[tuple[str, str]]:
    """Return code and title of the papers that a case's history holds now (事项文书)."""
    steps = view.folded.since_reopen
    if view.case.type == "incident":
        return [("report", "故障处理报告（四段式）")] if has_report(view) else []
    if view.case.type != "major":
        return []
    task = [("task", "故障排查任务单")] if "task_sheet" in steps else []
    return [*task, ("statement", "重大事项说明")] if view.case.state in ("written", "closed") else task


def paper_of(scope: Scope, pk: int, code: str) -> Document:
    """Return a paper of a case: `report` 故障处理报告, `task` 故障排查任务单, `statement` 重大事项说明.

    Raises:
        NotFound: no such case within the scope, or the paper has not been written yet.
    """
    report, view = told_of(scope, casework.get(scope, pk))
    make = {"report": rules.fault_report, "task": rules.task_sheet, "statement": rules.statement}
    found = make[code](report) if code in dict(papers_of(view)) else None
    if found is None:
        raise NotFound("这个事项还没有提交这份文书。", "请先在事项页面办理相应的步骤。")
    return found


def report_of(scope: Scope, pk: int) -> Document:
    """Return the four-part report of an incident (故障处理报告).

    Raises:
        NotFound: no such incident within the scope, or no report handed in yet.
    """
    return paper_of(scope, pk, "report")


# Analyses


def analyses_of(case: Case) -> list[CasePaper]:
    """Return the versions of a case's 《突发事件分析报告》, the latest first; nothing is read of what they say."""
    if case.type not in rules.TYPES:
        return []
    return list(CasePaper.objects.filter(case=case).select_related("made_by").defer("inputs"))


def latest_parts(case: Case) -> dict[str, str]:
    """Return the four parts of the latest analysis, or what the case says of them already."""
    last = CasePaper.objects.filter(case=case).order_by("-version").first()
    if last is not None:
        return dict(inputs_of(last)["parts"])
    return rules.first_words(case.type, case.data)


def inputs_of(paper: CasePaper) -> dict[str, Any]:
    """Return a paper's frozen inputs, checked against their digest.

    Raises:
        BadInput: they were changed.
    """
    found: Any = thaw(Frozen(paper.inputs, paper.digest))
    return dict(found)


def analysis_of(scope: Scope, pk: int, version: int) -> Document:
    """Return a version of a case's 《突发事件分析报告》.

    Raises:
        NotFound: no such case within the scope, or no such version.
    """
    case = casework.get(scope, pk)
    paper = CasePaper.objects.filter(case=case, version=version).select_related("made_by").first()
    if paper is None:
        raise NotFound("没有这一版分析报告。", "请从事项页面下载。")
    return rules.analysis_paper(
        inputs_of(paper), version=paper.version, digest=paper.digest, made_at=paper.made_at,
        made_by=str(paper.made_by or "平台"),
    )  # fmt: skip


def known_of(scope: Scope, case: Case) -> dict[str, list[dict[str, Any]]]:
    """Return what the platform knows of an event beside its history: outages that the watch saw, cases beside it."""
    rows = OutageCase.objects.filter(Q(case=case) | Q(major=case), outage__withdrawn_at=None)
    outages = [
        {
            "key": str(row.outage_id),
            "system": str(row.outage.system or ""),
            "start": row.outage.started_at.isoformat(),
            "end": row.outage.ended_at.isoformat() if row.outage.ended_at else "",
            "seconds": int((row.outage.ended_at - row.outage.started_at).total_seconds())
            if row.outage.ended_at
            else 0,
            "cause": row.outage.cause,
        }
        for row in rows.select_related("outage__system").order_by("outage__started_at")
    ]
    matters = [
        {"key": other.number, "label": label, "title": other.title}
        for label, other in casework.links(scope, case)
    ]
    return {"outages": outages, "matters": matters}


# Targets and executions


def list_targets(scope: Scope) -> QuerySet[DataTarget]:
    """Return the target databases that an actor looks after, with how many executions each has had."""
    return (
        DataTarget.objects.filter(within(scope, LEAD))
        .select_related("org")
        .annotate(
            n_runs=Count("runs"),
            n_open=Count("runs", filter=Q(runs__state="started")),
        )
    )


def get_target(scope: Scope, pk: int) -> DataTarget:
    """Return one target.

    Raises:
        NotFound: none that the actor looks after.
    """
    found = list_targets(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个目标数据库，或它不归您管理。", "请从列表进入。")
    return found


def parts_shown(target: DataTarget) -> rules.Address:
    """Return host, port, database and user of a target; the password stays sealed.

    Raises:
        BadInput: the installation's secret changed; the address must be entered anew.
    """
    parts = rules.parts_of(sealing.reveal(target.sealed, code=target.code))
    return rules.Address(parts.host, parts.port, parts.database, parts.user)


def list_runs(scope: Scope) -> QuerySet[DataFixRun]:
    """Return the executions on the targets that an actor looks after, the latest first."""
    return (
        DataFixRun.objects.filter(within(scope, LEAD, "target__org__path"))
        .select_related("case", "target__org", "actor")
        .defer("before", "after", "inverse", "counts")
    )


def get_run(scope: Scope, pk: int) -> DataFixRun:
    """Return one execution with everything that was kept of it.

    Raises:
        NotFound: none that the actor looks after.
    """
    rows = DataFixRun.objects.filter(within(scope, LEAD, "target__org__path"), pk=pk)
    found = rows.select_related("case__org", "target__org", "actor").first()
    if found is None:
        raise NotFound("没有这次执行，或它不归您管理。", "请从列表进入。")
    return found


def orgs_for_targets(scope: Scope) -> list[tuple[int, str]]:
    """Return the organisations at which an actor may register a target."""
    rows: Any = OrgUnit.objects.filter(within(scope, LEAD, "path"), valid_to=None).order_by("path")[:500]
    return [(org.pk, org.name) for org in rows]
