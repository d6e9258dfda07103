"""Pages of recurring maintenance (周期维护). A02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import Interval, Scope
from taxops.engines.checks import parse_repeat
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.words import WindowState
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
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
from .windows import MAINTAIN

AHEAD = timedelta(days=92)


def _about(row: Any) -> str:
    return "、".join(str(one) for one in [*row.systems.all(), *row.checks_in.all()])


def _words(row: Any) -> str:
    return parse_repeat(row.repeat).words()


class RuleList(ListPage):
    """All recurring maintenance (周期维护列表)."""

    name = "monitoring-rules"
    path = "operations/windows/rules/"
    title = "周期维护"
    permission = "monitoring.view"
    parent = "monitoring-windows"
    columns = [
        Column(name="phase", label="状态", kind="state", value=lambda r: badges.phase(r.phase), sort="phase"),
        Column(name="title", label="标题", wide=True),
        Column(name="repeat", label="周期", value=_words, sort="", wide=True),
        Column(name="systems", label="涉及", value=_about, sort="", wide=True),
        Column(name="valid_from", label="生效", kind="datetime"),
        Column(name="valid_to", label="失效", kind="datetime"),
        Column(
            name="requested_by", label="申请人", value=lambda r: str(r.requested_by or "平台"),
            sort="requested_by__pinyin",
        ),
        Column(
            name="decided_by", label="审批人", value=lambda r: str(r.decided_by or ""), sort="decided_by__pinyin"
        ),
    ]  # fmt: skip
    filters = [
        ChoiceFilter(name="state", label="状态", choices=WindowState, multiple=True),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["title", "reason", "systems__name"]
    sort = "-valid_from"
    detail = "monitoring-rule"
    live_topic = LIVE
    empty = "还没有周期维护。"
    actions = [
        Action("申请周期维护", page="monitoring-rule-new", icon="plus", style="primary"),
        Action("日历", page="monitoring-window-calendar", icon="calendar-month"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the rules within the scope."""
        return queries.list_rules(scope, now)


def _times(_scope: Scope, now: datetime, rule: Any) -> Mapping[str, Any]:
    times, unknown = queries.times_of(rule, now - timedelta(days=31), now + AHEAD)
    return {
        "times": [(time, badges.phase(_phase(time, now))) for time in times[:60]],
        "more": max(0, len(times) - 60),
        "unknown": unknown,
    }


def _phase(time: Interval, now: datetime) -> str:
    if time.start > now:
        return "due"
    return "over" if time.end <= now else "running"


class RuleDetail(DetailPage):
    """One rule of recurring maintenance (周期维护)."""

    name = "monitoring-rule"
    path = "operations/windows/rules/<int:pk>/"
    title = "周期维护"
    permission = "monitoring.view"
    parent = "monitoring-rules"
    template = "operations/monitoring/detail.html"
    audit_kind = "maintenance-rule"
    facts = [
        Fact(name="repeat", label="周期", value=_words, wide=True),
        Fact(name="valid_from", label="生效", kind="datetime"),
        Fact(name="valid_to", label="失效", kind="datetime"),
        Fact(name="requested_by", label="申请人", value=lambda r: str(r.requested_by or "平台")),
        Fact(name="requested_at", label="申请时间", kind="datetime"),
        Fact(name="decided_by", label="审批人", value=lambda r: str(r.decided_by or "")),
        Fact(name="decided_at", label="审批时间", kind="datetime"),
        Fact(name="decision_note", label="审批意见"),
        Fact(name="reason", label="原因与内容", wide=True),
        Fact(name="systems", label="涉及", value=_about, wide=True),
    ]
    actions = [
        Action(
            "审批",
            page="monitoring-rule-decide",
            icon="user-check",
            style="primary",
            when=lambda r: r.phase == "requested",
        ),
        Action(
            "取消",
            page="monitoring-rule-end",
            icon="x",
            style="danger",
            when=lambda r: r.phase in {"requested", "due", "running"},
        ),
    ]
    tabs = [
        Tab(code="times", label="时段", template="operations/monitoring/rule_times.html", context=_times),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.get_rule(scope, now, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return badges.phase(thing.phase)


class RuleNew(FormPage):
    """Ask for recurring maintenance (申请周期维护)."""

    name = "monitoring-rule-new"
    path = "operations/windows/rules/new/"
    title = "申请周期维护"
    permission = MAINTAIN
    parent = "monitoring-rules"
    form = forms.RuleForm
    submit = "提交申请"
    intro = "由另一位有权限的人员批准后生效；每次的时段按周期算出，期间的中断不告警，单独列出。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the request."""
        repeat = {name: data[name] for name in ("kind", "weekdays", "start", "minutes")}
        if data["n"] is not None:
            repeat["n"] = data["n"]
        made = services.request_rule(
            scope,
            now=now,
            title=data["title"],
            reason=data["reason"],
            repeat=repeat,
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            systems=data["systems"],
        )
        return Done("申请已提交，待批准。", to=self.url("monitoring-rule", pk=made.pk))


class RuleDecide(DecidePage):
    """Approve or refuse a rule (审批周期维护)."""

    name = "monitoring-rule-decide"
    path = "operations/windows/rules/<int:pk>/decide/"
    title = "审批周期维护"
    permission = MAINTAIN
    parent = "monitoring-rule"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.get_rule(scope, now, kwargs["pk"])

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the decision."""
        services.decide_rule(scope, thing.pk, now=now, agree=agree, note=note)


class RuleEnd(ActionPage):
    """Cancel a rule, or end it now (取消周期维护)."""

    name = "monitoring-rule-end"
    path = "operations/windows/rules/<int:pk>/end/"
    title = "取消周期维护"
    permission = MAINTAIN
    parent = "monitoring-rule"
    submit = "确定"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.get_rule(scope, now, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will happen."""
        if thing.phase == "running":
            return Confirm(f"将从现在起终止「{thing.title}」：以前的时段不变，此后的中断照常告警。")
        return Confirm(f"将取消「{thing.title}」。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """End it."""
        services.end_rule(scope, thing.pk, now=now)
        return Done("周期维护已取消或终止。", to=self.url("monitoring-rule", pk=thing.pk))


PAGES: Sequence[type[Any]] = [RuleList, RuleNew, RuleDetail, RuleDecide, RuleEnd]
