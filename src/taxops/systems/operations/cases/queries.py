"""Reads of the cases room beyond the cases themselves: the report of an incident, targets and their executions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.engines.documents import Document
from taxops.platform.casework import history
from taxops.platform.casework import queries as casework
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within

from . import rules, sealing
from .models import DataFixRun, DataTarget

LEAD = "cases.lead"


def has_report(view: casework.CaseView) -> bool:
    """Test whether an incident stands reported or closed on its report: one that came back needs it anew."""
    return view.case.state in ("reported", "closed") and "report" in view.folded.since_reopen


def report_of(scope: Scope, pk: int) -> Document:
    """Return the four-part report of an incident (故障处理报告), its clocks as at the history's last line.

    Raises:
        NotFound: no such incident within the scope, or no report handed in yet.
    """
    case = casework.get(scope, pk)
    events = history.load(case)
    written: datetime = history.instant(max(event.entered_at for event in events))
    view = casework.view(scope, case, written)
    found = rules.fault_report(
        rules.Report(
            case.number, case.title, str(case.org), view.folded.data, view.kind, events, view.clocks, case.head,
            written,
        )
    ) if case.type == "incident" and has_report(view) else None  # fmt: skip
    if found is None:
        raise NotFound("这个事项还没有提交故障报告。", "请先在事项页面提交报告。")
    return found


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
