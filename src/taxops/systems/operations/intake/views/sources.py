"""Pages of sources (接入来源): who pushes what, how it is mapped, and what matched no system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.alerting.views import badges
from taxops.systems.operations.alerting.views.badges import LIVE, SEVERITY_TONES
from taxops.systems.operations.alerting.words import Source
from taxops.systems.operations.intake import forms, queries, services
from taxops.systems.operations.intake.rules import words_of
from taxops.systems.operations.words import Severity
from taxops.web.kit import (
    Action,
    BooleanFilter,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    Page,
    State,
    Tab,
    Tone,
)

MANAGE = "intake.manage"
_KINDS = [(member.value, member.label) for member in Source if member is not Source.MONITORING]


def _state(source: Any) -> State:
    if not source.is_enabled:
        return State("停用", Tone.SUSPENDED)
    return State("接收中", Tone.GOOD) if source.last_at else State("尚未收到", Tone.UNKNOWN)


class SourceList(ListPage):
    """The sources (接入来源)."""

    name = "intake-sources"
    path = "operations/intake/"
    title = "接入来源"
    permission = "monitoring.view"
    note = "外部系统用接口令牌第一次推送时自动登记；映射规则决定推来的告警属于哪个系统。"
    columns = [
        Column(name="state", label="状态", kind="state", value=_state, sort="is_enabled"),
        Column(name="name", label="名称", link="intake-source", wide=True),
        Column(name="kind", label="类型", value=lambda s: Source.label_of(s.kind)),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="rules", label="映射规则", kind="number", value=lambda s: len(s.mapping), sort=""),
        Column(name="last_at", label="最近接收", kind="datetime"),
        Column(name="n_received", label="已接收", kind="number"),
        Column(name="n_raised", label="产生告警", kind="number"),
        Column(name="n_duplicate", label="重复", kind="number", hidden=True),
        Column(name="n_dropped", label="丢弃", kind="number"),
    ]
    filters = [
        ChoiceFilter(name="kind", label="类型", choices=_KINDS, multiple=True),
        BooleanFilter(name="is_enabled", label="启用"),
    ]
    search = ["name", "code"]
    detail = "intake-source"
    live_topic = LIVE
    empty = "还没有外部系统推送过。请看「接入说明」，创建令牌并配置对方系统。"
    actions = [
        Action("未匹配事件", page="intake-unmatched", icon="help"),
        Action("接入说明", page="intake-guide", icon="book"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the sources within the scope."""
        return queries.list_sources(scope)


def _recent(scope: Scope, now: datetime, source: Any) -> Mapping[str, Any]:
    rows = queries.recent_of(source, scope, now)
    return {"rows": [(row, badges.alert_state(row), badges.severity(row.severity)) for row in rows]}


class SourceDetail(DetailPage):
    """One source: its mapping, its figures, what it made lately (接入来源)."""

    name = "intake-source"
    path = "operations/intake/<int:pk>/"
    title = "接入来源"
    permission = "monitoring.view"
    parent = "intake-sources"
    audit_kind = "intake_source"
    facts = [
        Fact(name="kind", label="类型", value=lambda s: Source.label_of(s.kind)),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="token", label="接口令牌", value=lambda s: str(s.token or "")),
        Fact(name="severity", label="默认重要程度", value=lambda s: Severity.label_of(s.severity)),
        Fact(name="last_at", label="最近接收", kind="datetime"),
        Fact(name="n_received", label="已接收"),
        Fact(name="n_raised", label="产生告警"),
        Fact(name="n_duplicate", label="重复（未计入）"),
        Fact(name="n_dropped", label="丢弃（超出限速或无法读取）"),
        Fact(name="mapping", label="映射规则", value=lambda s: "；".join(s.mapping) or "（无）"),
    ]
    actions = [Action("编辑", page="intake-source-edit", icon="pencil")]
    tabs = [
        Tab(code="recent", label="最近的告警", template="operations/alerting/group.html", context=_recent)
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the source."""
        return queries.get_source(scope, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return _state(thing)


class SourceEdit(FormPage):
    """Map a source's labels to our systems (编辑接入来源)."""

    name = "intake-source-edit"
    path = "operations/intake/<int:pk>/edit/"
    title = "编辑接入来源"
    permission = MANAGE
    parent = "intake-source"
    form = forms.SourceForm
    wide = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the source."""
        return queries.get_source(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what it is."""
        return {
            "name": thing.name,
            "severity": thing.severity,
            "mapping": words_of(thing.mapping),
            "is_enabled": thing.is_enabled,
        }

    def version(self, thing: Any) -> str:
        """Return its version."""
        return str(thing.version)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.save_source(
            scope,
            thing.pk,
            now=now,
            name=data["name"],
            mapping=data["mapping"],
            severity=data["severity"],
            enabled=data["is_enabled"],
        )
        return Done("接入来源已保存，之后收到的按新规则匹配。", to=self.url("intake-source", pk=thing.pk))


def _labels(alert: Any) -> str:
    return "，".join(f"{k}={v}" for k, v in sorted(alert.labels.items()) if v and k not in {"org", "level"})


class UnmatchedList(ListPage):
    """Events that matched no system (未匹配事件): nothing is dropped, somebody says whose they are."""

    name = "intake-unmatched"
    path = "operations/intake/unmatched/"
    title = "未匹配事件"
    permission = "monitoring.view"
    parent = "intake-sources"
    note = "没有映射到任何系统的外部告警。先指派给系统；同类事件多时，请在接入来源里加一条映射规则。"
    columns = [
        Column(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Column(name="title", label="事件", link="intake-assign", wide=True),
        Column(name="source", label="来源", value=lambda a: Source.label_of(a.source)),
        Column(name="labels", label="标签", value=_labels, sort="", wide=True),
        Column(name="opened_at", label="接收时间", kind="datetime"),
        Column(name="org", label="机构", kind="org", sort="org__path", hidden=True),
    ]
    filters = [ChoiceFilter(name="source", label="来源", choices=_KINDS, multiple=True)]
    search = ["title", "summary"]
    sort = "-opened_at"
    detail = "intake-assign"
    live_topic = LIVE
    empty = "没有未匹配的事件。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the events within the scope."""
        return queries.unmatched(scope, now)


class Assign(FormPage):
    """Say to which system an event belongs (指派给系统)."""

    name = "intake-assign"
    path = "operations/intake/unmatched/<int:pk>/"
    title = "指派给系统"
    permission = MANAGE
    parent = "intake-unmatched"
    form = forms.AssignForm
    submit = "指派"
    intro = "指派后按该系统的告警路由通知。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the event."""
        return queries.get_unmatched(scope, now, kwargs["pk"])

    def heading_text(self) -> str:
        """Return what it is about."""
        return f"指派给系统：{self.thing.title}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.assign(scope, thing.pk, now=now, system_id=data["system"])
        return Done("已指派。", to=self.url("alerting-alert", pk=thing.pk))


class Guide(Page):
    """How other systems are set up to push here (接入说明)."""

    name = "intake-guide"
    path = "operations/intake/guide/"
    title = "接入说明"
    permission = "monitoring.view"
    parent = "intake-sources"
    template = "operations/intake/guide.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the address that others call."""
        return {"base": self.request.build_absolute_uri("/api/v1")}


PAGES: Sequence[type[Any]] = [SourceList, Guide, UnmatchedList, Assign, SourceDetail, SourceEdit]
