"""Pages of maintenance windows (维护窗口). A02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.words import WindowState
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DateRangeFilter,
    DecidePage,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    State,
    Tab,
)

from . import badges
from .badges import LIVE

MAINTAIN = "monitoring.maintain"


class WindowList(ListPage):
    """All maintenance windows (维护窗口列表)."""

    name = "monitoring-windows"
    path = "operations/windows/"
    title = "维护窗口"
    permission = "monitoring.view"
    columns = [
        Column(name="phase", label="状态", kind="state", value=lambda w: badges.phase(w.phase), sort="phase"),
        Column(name="title", label="标题", wide=True),
        Column(
            name="systems",
            label="涉及",
            value=lambda w: "、".join(str(x) for x in [*w.systems.all(), *w.checks_in.all()]),
            sort="",
            wide=True,
        ),
        Column(name="starts_at", label="开始", kind="datetime"),
        Column(name="ends_at", label="结束", kind="datetime"),
        Column(
            name="length", label="时长", kind="duration", value=lambda w: w.ends_at - w.starts_at, sort=""
        ),
        Column(
            name="requested_by",
            label="申请人",
            value=lambda w: str(w.requested_by or "平台"),
            sort="requested_by__pinyin",
        ),
        Column(
            name="decided_by",
            label="审批人",
            value=lambda w: str(w.decided_by or ""),
            sort="decided_by__pinyin",
        ),
        Column(
            name="late",
            label="事后补录",
            kind="bool",
            value=lambda w: w.requested_at > w.starts_at,
            sort="",
            hidden=True,
        ),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=WindowState, multiple=True),
        DateRangeFilter(name="starts", label="开始日期", field="starts_at"),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["title", "reason", "systems__name"]
    sort = "-starts_at"
    detail = "monitoring-window"
    live_topic = LIVE
    empty = "还没有维护窗口。"
    actions = [
        Action("申请维护窗口", page="monitoring-window-new", icon="plus", style="primary"),
        Action("周期维护", page="monitoring-rules", icon="refresh"),
        Action("日历", page="monitoring-window-calendar", icon="calendar-month"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the windows within the scope."""
        return queries.list_windows(scope, now)


def _about(scope: Scope, now: datetime, window: Any) -> Mapping[str, Any]:
    rows = (
        queries.list_outages(scope, now)
        .filter(started_at__lt=window.ends_at)
        .exclude(ended_at__lte=window.starts_at)
    )
    systems, checks = [s.pk for s in window.systems.all()], [c.pk for c in window.checks_in.all()]
    found = queries.about(rows, systems, checks)[:50]
    return {"window": window, "own": [(o, badges.outage_state(o)) for o in found], "of_checks": []}


class WindowDetail(DetailPage):
    """One maintenance window (维护窗口)."""

    name = "monitoring-window"
    path = "operations/windows/<int:pk>/"
    title = "维护窗口"
    permission = "monitoring.view"
    parent = "monitoring-windows"
    template = "operations/monitoring/detail.html"
    audit_kind = "window"
    facts = [
        Fact(name="starts_at", label="开始", kind="datetime"),
        Fact(name="ends_at", label="结束", kind="datetime"),
        Fact(name="length", label="时长", kind="duration", value=lambda w: w.ends_at - w.starts_at),
        Fact(name="requested_by", label="申请人", value=lambda w: str(w.requested_by or "平台")),
        Fact(name="requested_at", label="申请时间", kind="datetime"),
        Fact(name="decided_by", label="审批人", value=lambda w: str(w.decided_by or "")),
        Fact(name="decided_at", label="审批时间", kind="datetime"),
        Fact(name="decision_note", label="审批意见"),
        Fact(name="reason", label="原因与内容", wide=True),
        Fact(
            name="systems",
            label="涉及",
            value=lambda w: "、".join(str(x) for x in [*w.systems.all(), *w.checks_in.all()]),
            wide=True,
        ),
    ]
    actions = [
        Action(
            "审批",
            page="monitoring-window-decide",
            icon="user-check",
            style="primary",
            when=lambda w: w.phase == "requested",
        ),
        Action(
            "取消",
            page="monitoring-window-cancel",
            icon="x",
            style="danger",
            when=lambda w: w.phase in {"requested", "due", "running"},
        ),
    ]
    tabs = [
        Tab(
            code="about",
            label="期间的中断",
            template="operations/monitoring/system_outages.html",
            context=_about,
        )
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the window."""
        return queries.get_window(scope, now, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return badges.phase(thing.phase)

    def subheading(self, thing: Any) -> str:
        """Say so when it was entered afterwards."""
        return "事后补录" if thing.requested_at > thing.starts_at else ""


class WindowNew(FormPage):
    """Ask for a maintenance window (申请维护窗口)."""

    name = "monitoring-window-new"
    path = "operations/windows/new/"
    title = "申请维护窗口"
    permission = MAINTAIN
    parent = "monitoring-windows"
    form = forms.WindowForm
    submit = "提交申请"
    intro = "窗口由另一位有权限的人员批准后生效；期间的中断不告警，单独列出。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the request."""
        made = services.request_window(
            scope,
            now=now,
            title=data["title"],
            reason=data["reason"],
            systems=data["systems"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
        )
        return Done("申请已提交，待批准。", to=self.url("monitoring-window", pk=made.pk))


class WindowDecide(DecidePage):
    """Approve or refuse a window (审批维护窗口)."""

    name = "monitoring-window-decide"
    path = "operations/windows/<int:pk>/decide/"
    title = "审批维护窗口"
    permission = MAINTAIN
    parent = "monitoring-window"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the window."""
        return queries.get_window(scope, now, kwargs["pk"])

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the decision."""
        services.decide_window(scope, thing.pk, now=now, agree=agree, note=note)


class WindowCancel(ActionPage):
    """Cancel a window, or end the one under way (取消维护窗口)."""

    name = "monitoring-window-cancel"
    path = "operations/windows/<int:pk>/cancel/"
    title = "取消维护窗口"
    permission = MAINTAIN
    parent = "monitoring-window"
    submit = "确定"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the window."""
        return queries.get_window(scope, now, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will happen."""
        if thing.phase == "running":
            return Confirm(f"将提前结束「{thing.title}」：此后的中断照常告警。")
        return Confirm(f"将取消「{thing.title}」。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Cancel it."""
        services.cancel_window(scope, thing.pk, now=now)
        return Done("维护窗口已取消或结束。", to=self.url("monitoring-window", pk=thing.pk))


PAGES: Sequence[type[Any]] = [WindowList, WindowNew, WindowDetail, WindowDecide, WindowCancel]
