"""Dated changes and special periods (值班调整、重要时期)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.roster import forms, queries, services
from taxops.systems.operations.roster.words import Change, Hours, PeriodKind
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Done,
    FormPage,
    ListPage,
)


class OverrideList(ListPage):
    """All dated changes (值班调整)."""

    name = "roster-overrides"
    path = "operations/roster/changes/"
    title = "值班调整"
    permission = queries.VIEW
    parent = "roster-posts"
    columns = [
        Column(name="post", label="岗位", sort="post__name", card="title"),
        Column(name="change", label="方式", choices=Change),
        Column(name="person", label="人员", value=lambda o: str(o.person), sort="person__pinyin"),
        Column(name="other", label="替班人", value=lambda o: str(o.other or ""), sort="other__pinyin"),
        Column(name="starts_at", label="开始", kind="datetime"),
        Column(name="ends_at", label="结束", kind="datetime"),
        Column(name="reason", label="事由", wide=True),
        Column(name="entered_by", label="录入人", value=lambda o: str(o.entered_by or "平台"), sort=""),
        Column(name="cancelled_at", label="取消时间", kind="datetime"),
    ]
    filters = [
        ChoiceFilter(name="change", label="方式", choices=Change, multiple=True),
        DateRangeFilter(name="starts", label="开始日期", field="starts_at"),
    ]
    scope_field = "post__org__path"
    search = ["reason", "post__name"]
    sort = "-starts_at"
    detail = "roster-override-cancel"
    empty = "没有调整，全部按轮班规则。"
    actions = [Action("新建调整", page="roster-override-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the changes within the scope."""
        return queries.list_overrides(scope)


class OverrideNew(FormPage):
    """Change the roster for some time (新建值班调整)."""

    name = "roster-override-new"
    path = "operations/roster/changes/new/"
    title = "新建值班调整"
    permission = queries.EDIT
    parent = "roster-overrides"
    form = forms.OverrideForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the change."""
        services.add_override(scope, now=now, **data)
        return Done("值班表已更新。", to=self.url("roster-overrides"))


class OverrideCancel(ActionPage):
    """Cancel a dated change (取消调整)."""

    name = "roster-override-cancel"
    path = "operations/roster/changes/<int:pk>/cancel/"
    title = "取消调整"
    permission = queries.EDIT
    parent = "roster-overrides"
    confirm = "将取消「{thing}」，恢复按轮班规则值班。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the change."""
        return queries.get_override(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Cancel it."""
        services.cancel_override(scope, thing.pk, now=now)
        return Done("调整已取消。", to=self.url("roster-overrides"))


class PeriodList(ListPage):
    """All special periods (重要时期)."""

    name = "roster-periods"
    path = "operations/roster/periods/"
    title = "重要时期"
    permission = queries.VIEW
    parent = "roster-posts"
    columns = [
        Column(name="name", label="名称", card="title"),
        Column(name="kind", label="类别", choices=PeriodKind),
        Column(name="first_on", label="第一天", kind="date"),
        Column(name="last_on", label="最后一天", kind="date"),
        Column(name="hours", label="值守时间", choices=Hours),
        Column(name="people", label="同时在岗", kind="number", unit="人"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="note", label="安排", wide=True),
        Column(name="cancelled_at", label="取消时间", kind="datetime"),
    ]
    search = ["name", "note"]
    sort = "-first_on"
    detail = "roster-period-cancel"
    empty = "没有登记重要时期或征期。"
    actions = [Action("登记重要时期", page="roster-period-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the periods within the scope."""
        return queries.list_periods(scope)


class PeriodNew(FormPage):
    """Announce a special period (登记重要时期)."""

    name = "roster-period-new"
    path = "operations/roster/periods/new/"
    title = "登记重要时期"
    permission = queries.EDIT
    parent = "roster-periods"
    form = forms.PeriodForm
    intro = "期间按这里的值守时间和人数核对缺岗；轮班不够的，请另做值班调整。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the period."""
        services.add_period(scope, now=now, **data)
        return Done("已登记，请核对缺岗。", to=self.url("roster-gaps"))


class PeriodCancel(ActionPage):
    """Call a special period off (取消重要时期)."""

    name = "roster-period-cancel"
    path = "operations/roster/periods/<int:pk>/cancel/"
    title = "取消重要时期"
    permission = queries.EDIT
    parent = "roster-periods"
    confirm = "将取消「{thing}」，恢复平时的值守时间。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the period."""
        return queries.get_period(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Cancel it."""
        services.cancel_period(scope, thing.pk, now=now)
        return Done("已取消。", to=self.url("roster-periods"))


PAGES: Sequence[type[Any]] = [
    OverrideList,
    OverrideNew,
    OverrideCancel,
    PeriodList,
    PeriodNew,
    PeriodCancel,
]
