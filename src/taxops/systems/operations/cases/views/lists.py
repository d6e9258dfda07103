"""Lists of cases (事项列表): all of them by queue, and one's own work by what breaches next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.cases import Phase
from taxops.platform.casework import queries, registry
from taxops.platform.casework.rules import QUEUES
from taxops.systems.operations.cases import queries as room
from taxops.web.kit import (
    Action,
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    ListPage,
    OrgFilter,
)

from . import badges

LIVE = "cases.changes"


def _types(scope: Scope, now: datetime) -> Sequence[tuple[str, str]]:  # noqa: ARG001
    return [(kind.code, kind.label) for kind in registry.all_types()]


def _queues(scope: Scope, now: datetime) -> Sequence[tuple[str, str]]:  # noqa: ARG001
    return [(code, queue.label) for code, queue in QUEUES.items()]


TYPE_FILTER = ChoiceFilter(name="type", label="类型", choices=_types, multiple=True)
QUEUE_FILTER = ChoiceFilter(name="queue", label="队列", choices=_queues, multiple=True)


class CaseRows(ListPage):
    """What every list of cases shares (事项行): columns, search, one meaning of the clock's colours."""

    columns = [
        Column(name="number", label="编号", card="fact"),
        Column(name="title", label="标题", wide=True, card="title"),
        Column(name="type", label="类型", value=lambda c: badges.type_label(c.type), sort="type"),
        Column(name="state", label="状态", kind="state", value=badges.case_state, sort="state", card="state"),
        Column(name="level", label="级别", value=badges.level_short, sort="level"),
        Column(
            name="due", label="最近到期", kind="clock", value=lambda c: c.due_at, near=lambda c: c.near_at,
            sort="due_sort",
        ),
        Column(name="due_label", label="时限", hidden=True),
        Column(name="queue", label="队列", value=lambda c: badges.queue_label(c.queue), sort="queue"),
        Column(
            name="assignee", label="办理人", value=lambda c: str(c.assignee or ""), sort="assignee__pinyin"
        ),
        Column(name="system_name", label="系统", sort="system", hidden=True),
        Column(name="requester", label="提出人", hidden=True),
        Column(name="org", label="机构", kind="org", sort="org__path", hidden=True),
        Column(name="opened_at", label="发起时间", kind="datetime"),
        Column(name="breached", label="曾超时", kind="bool", hidden=True),
    ]  # fmt: skip
    search = ["number", "title", "requester"]
    search_text = "sought"
    detail = "cases-case"
    live_topic = LIVE
    search_hint = "编号、标题、提出人"
    actions = [Action("发起事项", page="cases-types", icon="plus", style="primary", permission="cases.open")]


class CaseList(CaseRows):
    """All cases within the scope (事项列表)."""

    name = "cases-list"
    path = "operations/cases/"
    title = "事项"
    permission = "cases.view"
    filters = [
        TYPE_FILTER,
        ChoiceFilter(name="phase", label="阶段", choices=Phase, multiple=True),
        QUEUE_FILTER,
        BooleanFilter(name="free", label="未分派", apply=lambda rows, yes: rows.filter(assignee__isnull=yes)),
        BooleanFilter(name="is_open", label="在办"),
        BooleanFilter(name="breached", label="曾超时"),
        DateRangeFilter(name="opened", label="发起日期", field="opened_at"),
        OrgFilter(name="org", label="机构"),
    ]
    sort = "-opened_at"
    empty = "还没有事项。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the cases within the scope."""
        return room.with_system(queries.list_cases(scope))

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return each queue's open cases, leading to its rows."""
        return [
            (c.queue.label, c.n_open, f"?is_open=1&queue={c.queue.code}&sort=due")
            for c in queries.queue_counts(scope, now)
        ]


class MyWork(CaseRows):
    """What is mine to do, what breaches next first (我的工作)."""

    name = "cases-mine"
    path = "operations/mine/"
    title = "我的工作"
    permission = "cases.open"
    filters = [TYPE_FILTER]
    sort = "due"
    empty = "没有等您办理的事项。"
    note = "分派给您的，和您所在队列中未分派的；先到期的在前。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return what is mine to do."""
        return room.with_system(queries.my_work(scope, now))
