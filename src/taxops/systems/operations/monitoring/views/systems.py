"""Pages of systems (监控系统)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.checks import Health
from taxops.systems.operations.monitoring import drawing, forms, queries, services
from taxops.systems.operations.monitoring.items import get_item
from taxops.systems.operations.monitoring.words import Severity, Shown
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Preview,
    State,
    Tab,
    Tone,
)

from . import badges
from .badges import LIVE, SEVERITY_TONES

HEALTH_TONES = {
    Health.GOOD: Tone.GOOD,
    Health.WARNING: Tone.WARNING,
    Health.BAD: Tone.BAD,
    Health.UNKNOWN: Tone.UNKNOWN,
    Health.SUSPENDED: Tone.SUSPENDED,
}


class SystemList(ListPage):
    """All systems (监控系统列表)."""

    name = "monitoring-systems"
    path = "operations/systems/"
    title = "监控系统"
    permission = "monitoring.view"
    columns = [
        Column(name="name", label="系统", wide=True),
        Column(name="shown", label="状态", kind="state", value=lambda s: badges.shown(s.shown), sort="shown"),
        Column(name="down_since", label="中断自", kind="datetime"),
        Column(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Column(
            name="n_checks",
            label="检查项",
            kind="number",
            link=lambda s: f"/operations/checks/?system={s.pk}",
        ),
        Column(name="n_critical", label="中断", kind="number"),
        Column(name="n_warning", label="警告", kind="number"),
        Column(name="n_dark", label="无数据", kind="number"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="service_note", label="服务时间", sort=""),
        Column(name="code", label="代码", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="shown", label="状态", choices=Shown, multiple=True),
        ChoiceFilter(name="severity", label="重要程度", choices=Severity, multiple=True),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["name", "code", "description"]
    sort = "sort"
    detail = "monitoring-system"
    live_topic = LIVE
    empty = "还没有监控系统。"
    actions = [Action("新建监控系统", page="monitoring-system-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the systems within the scope."""
        return queries.list_systems(scope, now)


def _overview(_scope: Scope, now: datetime, system: Any) -> Mapping[str, Any]:
    return {
        "tree": _shown_node(queries.drawn_tree(now, system)),
        "own_tree": bool(system.tree),
        "timelines": drawing.drawn(queries.of_system(system, now)),
    }


def _shown_node(node: Any) -> dict[str, Any] | None:
    if node is None:
        return None
    word = (
        badges.shown(node.check.shown)
        if node.check
        else badges.shown(node.system.shown)
        if node.system
        else None
    )
    return {
        "label": node.rule or node.label,
        "state": word or State(node.health.label, HEALTH_TONES[node.health]),
        "check": node.check,
        "system": node.system,
        "n": len(node.parts),
        "parts": [_shown_node(part) for part in node.parts],
    }


def _checks(scope: Scope, now: datetime, system: Any) -> Mapping[str, Any]:
    rows = queries.list_checks(scope, now).filter(system_id=system.pk)[:500]
    return {
        "checks": [
            (check, badges.shown(check.shown), badges.last_result(check), badges.took_ms(check))
            for check in rows
        ]
    }


def _outages(scope: Scope, now: datetime, system: Any) -> Mapping[str, Any]:
    rows = queries.list_outages(scope, now)
    own = rows.filter(system_id=system.pk)[:50]
    of_checks = rows.filter(check_row__system_id=system.pk)[:50]
    return {
        "own": [(o, badges.outage_state(o)) for o in own],
        "of_checks": [(o, badges.outage_state(o)) for o in of_checks],
    }


def _windows(scope: Scope, now: datetime, system: Any) -> Mapping[str, Any]:
    return {
        "windows": [
            (w, badges.phase(w.phase))
            for w in queries.list_windows(scope, now).filter(systems=system.pk)[:50]
        ]
    }


def _history(_scope: Scope, _now: datetime, system: Any) -> Mapping[str, Any]:
    return {"changes": queries.list_changes(system_id=system.pk)}


class SystemDetail(DetailPage):
    """One system (监控系统)."""

    name = "monitoring-system"
    path = "operations/systems/<int:pk>/"
    title = "监控系统"
    permission = "monitoring.view"
    parent = "monitoring-systems"
    template = "operations/monitoring/detail.html"
    audit_kind = "monitored-system"
    history_labels = {"tree": "健康树"}
    live_topic = LIVE
    facts = [
        Fact(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="down_since", label="中断自", kind="datetime"),
        Fact(name="n_checks", label="检查项", kind="number"),
        Fact(name="service_note", label="服务时间"),
        Fact(name="asset", label="资产", value=lambda s: str(s.asset) if s.asset else "", wide=True),
    ]
    actions = [
        Action("添加检查项", page="monitoring-check-new", icon="plus", style="primary", kwargs=lambda _: {}),
        Action("时间线", page="monitoring-system-timeline", icon="history"),
        Action("健康树", page="monitoring-system-tree", icon="sitemap"),
        Action("申请维护", page="monitoring-window-new", icon="calendar-plus", kwargs=lambda _: {}),
        Action("编辑", page="monitoring-system-edit", icon="pencil"),
        Action("归档", page="monitoring-system-archive", icon="archive", style="danger"),
    ]
    tabs = [
        Tab(code="overview", label="总览", template="operations/monitoring/system_overview.html", context=_overview,
            live_topic=LIVE),
        Tab(code="checks", label="检查项", template="operations/monitoring/system_checks.html", context=_checks,
            count=lambda _scope, _now, s: s.n_checks or 0, live_topic=LIVE),
        Tab(code="outages", label="中断", template="operations/monitoring/system_outages.html", context=_outages),
        Tab(code="windows", label="维护窗口", template="operations/monitoring/windows_table.html", context=_windows),
        Tab(code="states", label="状态历史", template="operations/monitoring/changes.html", context=_history),
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the system."""
        return queries.get_system(scope, now, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return badges.shown(thing.shown)

    def subheading(self, thing: Any) -> str:
        """Return its description."""
        return str(thing.description or thing.code)


class SystemNew(FormPage):
    """Set up a system (新建监控系统)."""

    name = "monitoring-system-new"
    path = "operations/systems/new/"
    title = "新建监控系统"
    permission = "monitoring.edit"
    parent = "monitoring-systems"
    form = forms.SystemForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope, "fresh": True}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        made = services.create_system(
            scope,
            now=now,
            code=data["code"],
            name=data["name"],
            org_id=data["org"],
            severity=data["severity"],
            description=data["description"],
            service_note=data["service_note"],
            asset_id=data["asset"],
        )
        return Done(f"监控系统「{made.name}」已建立。", to=self.url("monitoring-system", pk=made.pk))


class SystemEdit(FormPage):
    """Change a system (编辑监控系统)."""

    name = "monitoring-system-edit"
    path = "operations/systems/<int:pk>/edit/"
    title = "编辑监控系统"
    permission = "monitoring.edit"
    parent = "monitoring-system"
    form = forms.SystemForm

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the system."""
        return queries.get_system(scope, now, kwargs["pk"])

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope, "fresh": False}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the present description."""
        names = ("name", "severity", "service_note", "description")
        return {**{name: getattr(thing, name) for name in names}, "asset": thing.asset_id}

    def version(self, thing: Any) -> str:
        """Return the system's version."""
        return str(thing.version)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.edit_system(
            scope,
            thing.pk,
            now=now,
            name=data["name"],
            severity=data["severity"],
            description=data["description"],
            service_note=data["service_note"],
            asset_id=data["asset"],
        )
        return Done(f"监控系统「{data['name']}」已保存。", to=self.url("monitoring-system", pk=thing.pk))


class SystemArchive(ActionPage):
    """Take a system out of use (归档监控系统)."""

    name = "monitoring-system-archive"
    path = "operations/systems/<int:pk>/archive/"
    title = "归档监控系统"
    permission = "monitoring.edit"
    parent = "monitoring-systems"
    danger = True
    submit = "归档"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the system."""
        return queries.get_system(scope, now, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will happen."""
        return Confirm(f"将归档「{thing.name}」：不再监控，历史保留。", warning="归档后不能恢复。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Archive it."""
        services.archive_system(scope, thing.pk, now=now)
        return Done(f"监控系统「{thing.name}」已归档。", to=self.url("monitoring-systems"))


class TemplateApply(FormPage):
    """Make an item's checks for a system (套用模板)."""

    name = "monitoring-template"
    path = "operations/templates/<str:item>/"
    title = "套用模板"
    permission = "monitoring.edit"
    parent = "monitoring-coverage"
    form = forms.TemplateForm
    submit = "建立检查项"

    def heading_text(self) -> str:
        """Return the item's name."""
        item = get_item(self.kwargs["item"])
        return f"套用模板：{item.code} {item.name}"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the item and the systems there are."""
        return {"scope": scope, "item": get_item(self.kwargs["item"])}

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say which checks will be made."""
        made = services.planned(self.kwargs["item"], _answers(data))
        lines = "；".join(f"{d.name}（{d.kind}，{d.target or '—'}，每 {d.interval_s:g} 秒）" for d in made)
        system = queries.get_system(scope, now, data["system"])
        return Preview(f"将为「{system.name}」建立 {len(made)} 个检查项：{lines}。")

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Make them."""
        made = services.apply_item(
            scope, now=now, system_id=data["system"], item_code=self.kwargs["item"], answers=_answers(data)
        )
        return Done(
            f"已建立 {len(made)} 个检查项。",
            to=f"{self.url('monitoring-system', pk=data['system'])}?tab=checks",
        )


def _answers(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value or "") for name, value in data.items() if name != "system"}


PAGES: Sequence[type[Any]] = [
    SystemList,
    SystemDetail,
    SystemNew,
    SystemEdit,
    SystemArchive,
    TemplateApply,
]
