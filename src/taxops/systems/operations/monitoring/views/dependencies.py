"""Pages of dependencies (依赖关系)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.web.kit import Action, ActionPage, Column, Confirm, Done, FormPage, ListPage

from .badges import LIVE


class DependencyList(ListPage):
    """What depends on what (依赖关系列表)."""

    name = "monitoring-dependencies"
    path = "operations/dependencies/"
    title = "依赖关系"
    permission = "monitoring.view"
    parent = "monitoring-checks"
    scope_field = ""
    columns = [
        Column(name="child_name", label="对象", wide=True),
        Column(
            name="child_level",
            label="层级",
            value=lambda d: "检查项" if d.child_check_id else "系统",
            sort="",
        ),
        Column(name="parent_name", label="依赖于", wide=True),
        Column(
            name="parent_level",
            label="层级",
            value=lambda d: "检查项" if d.parent_check_id else "系统",
            sort="",
        ),
        Column(name="note", label="说明", wide=True),
        Column(name="entered_by", label="录入人"),
        Column(name="entered_at", label="录入时间", kind="datetime"),
    ]
    search = ["child_check__name", "child_system__name", "parent_check__name", "parent_system__name", "note"]
    sort = "child_name"
    detail = "monitoring-dependency-remove"
    live_topic = LIVE
    empty = "还没有登记依赖。资产台账中的「依赖」关系自动生效，不在此列出。"
    actions = [Action("登记依赖", page="monitoring-dependency-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the dependencies within the scope."""
        return queries.list_dependencies(scope)

    def row_url(self, row: Any) -> str:
        """Return the page that takes it back, for those who may."""
        may = self.scope.has("monitoring.edit")
        return self.url("monitoring-dependency-remove", pk=row.pk) if may else ""


class DependencyNew(FormPage):
    """Say what depends on what (登记依赖)."""

    name = "monitoring-dependency-new"
    path = "operations/dependencies/new/"
    title = "登记依赖"
    permission = "monitoring.edit"
    parent = "monitoring-dependencies"
    form = forms.DependencyForm
    intro = "所依赖的对象中断时，依赖它的检查项的失败被抑制：状态为「受影响」，不告警，不计为中断，事实保留。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the check one comes from."""
        return {"child": self.request.GET.get("child", "")[:60]}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.add_dependency(scope, now=now, **data)
        return Done("依赖已登记。", to=self.url("monitoring-dependencies"))


class DependencyRemove(ActionPage):
    """Take a dependency back (取消依赖)."""

    name = "monitoring-dependency-remove"
    path = "operations/dependencies/<int:pk>/remove/"
    title = "取消依赖"
    permission = "monitoring.edit"
    parent = "monitoring-dependencies"
    submit = "取消依赖"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the dependency."""
        return queries.get_dependency(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will happen."""
        return Confirm(
            f"将取消「{thing.child_name} 依赖 {thing.parent_name}」：正在被它抑制的中断从开始时刻计起并告警。"
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it back."""
        services.remove_dependency(scope, thing.pk, now=now)
        return Done("依赖已取消。", to=self.url("monitoring-dependencies"))


PAGES: Sequence[type[Any]] = [DependencyList, DependencyNew, DependencyRemove]
