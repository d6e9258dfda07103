"""Queues of the first line, the second line and the platform desk (办理队列)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services as caseworks
from taxops.platform.casework.rules import QUEUES
from taxops.systems.operations.cases import queries as cases
from taxops.systems.operations.cases.views.lists import QUEUE_FILTER, TYPE_FILTER, CaseRows
from taxops.systems.operations.desk import forms, queries, services
from taxops.web.kit import ActionPage, BooleanFilter, BulkAction, Done, FormPage, OrgFilter

from .links import case_url


def _pick(scope: Scope, now: datetime, rows: Any) -> Done:
    """Take the chosen cases; those that somebody else was faster with are named."""
    taken, lost = services.pick_up(scope, now=now, case_ids=list(rows.values_list("pk", flat=True)))
    words = f"已领取 {taken} 个事项。"
    return Done(f"{words}没有领取的：{'、'.join(lost)}。" if lost else words)


class QueueBoard(CaseRows):
    """What waits in the queues, what breaches next first (办理队列)."""

    name = "desk-queues"
    path = "operations/desk/queues/"
    title = "办理队列"
    permission = casework.VIEW
    note = "点队列只看该队列；勾选后可一起领取。移交、关联、会诊在事项页办理。"
    filters = [
        QUEUE_FILTER,
        BooleanFilter(name="free", label="待领取", apply=lambda rows, yes: rows.filter(assignee__isnull=yes)),
        TYPE_FILTER,
        OrgFilter(name="org", label="机构"),
    ]
    sort = "due"
    empty = "没有等待办理的事项。"
    bulk = [
        BulkAction(
            code="pick", label="领取", permission=queries.HANDLE, run=_pick, key="l", icon="user",
            confirm="将领取 {n} 个事项，由您办理；已有人办理的不受影响。",
        )
    ]  # fmt: skip

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the open cases that wait in a queue."""
        return cases.with_system(queries.queue_rows(scope))

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return each queue's open cases and what is over in it, leading to its rows."""
        return [
            (_words(c), c.n_open, f"?queue={c.queue.code}&sort=due")
            for c in casework.queue_counts(scope, now)
        ]


def _words(count: casework.QueueCount) -> str:
    """Return a queue with what waits and what is over, as far as there is any."""
    free = f"，待领取 {count.n_unassigned}" if count.n_unassigned else ""
    over = f"，超时 {count.n_over}" if count.n_over else ""
    return f"{count.queue.label}{free}{over}"


class CasePick(ActionPage):
    """Take a waiting case (领取事项)."""

    name = "desk-pick"
    path = "operations/desk/cases/<int:pk>/pick/"
    title = "领取事项"
    permission = queries.HANDLE
    parent = "desk-queues"
    confirm = "将领取「{thing}」，由您办理。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Assign it to the actor."""
        reason = "" if thing.assignee_id is None else "从队列领取"
        caseworks.assign(scope, now=now, case_id=thing.pk, to=scope.actor_id, reason=reason)
        return Done("已领取。", to=case_url(thing.pk))


class CaseHand(FormPage):
    """Hand a case to another queue, with the reason (移交事项)."""

    name = "desk-hand"
    path = "operations/desk/cases/<int:pk>/hand/"
    title = "移交事项"
    permission = queries.HANDLE
    parent = "desk-queues"
    form = forms.HandForm
    submit = "移交"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the case."""
        return casework.find(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Hand it over, unassigned."""
        caseworks.assign(
            scope, now=now, case_id=thing.pk, to=None, queue=data["queue"], reason=data["reason"]
        )
        return Done(f"已移交到{QUEUES.get(data['queue']).label}。", to=case_url(thing.pk))


PAGES: Sequence[type[Any]] = [QueueBoard, CasePick, CaseHand]
