"""One alert (告警): its history, who was told of it, and what is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.alerting import forms, queries, services
from taxops.systems.operations.alerting.words import AlertState, Source
from taxops.web.kit import Action, DetailPage, Done, Fact, FormPage, Tab

from . import badges
from .badges import LIVE
from .silences import SilenceNew


def _told(_scope: Scope, _now: datetime, alert: Any) -> Mapping[str, Any]:
    stories = [
        (
            story,
            badges.severity(story.notice.severity),
            [(line, badges.outcome(line.outcome)) for line in story.lines],
        )
        for story in queries.notices_of(alert)
    ]
    return {"alert": alert, "stories": stories}


def _events(_scope: Scope, _now: datetime, alert: Any) -> Mapping[str, Any]:
    return {"events": queries.history_of(alert)}


def _group(_scope: Scope, _now: datetime, alert: Any) -> Mapping[str, Any]:
    rows = queries.siblings_of(alert)
    return {"rows": [(row, badges.alert_state(row), badges.severity(row.severity)) for row in rows]}


def _labels(alert: Any) -> str:
    return "，".join(f"{name}={alert.labels[name]}" for name in sorted(alert.labels))


class AlertDetail(DetailPage):
    """One alert with its history and with who was told of it (告警)."""

    name = "alerting-alert"
    path = "operations/alerts/<int:pk>/"
    title = "告警"
    permission = "monitoring.view"
    parent = "monitoring-alerts"
    audit_kind = "alert"
    live_topic = LIVE
    facts = [
        Fact(name="severity", label="重要程度", value=lambda a: badges.severity(a.severity), kind="state"),
        Fact(name="system", label="系统", value=lambda a: a.system.name if a.system else "未匹配到系统"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="source", label="来源", value=lambda a: Source.label_of(a.source)),
        Fact(name="since_at", label="发生时间", kind="datetime"),
        Fact(name="opened_at", label="告警时间", kind="datetime"),
        Fact(name="lasted", label="持续", kind="duration"),
        Fact(name="acknowledged_by", label="确认人", value=lambda a: str(a.acknowledged_by or "")),
        Fact(name="acknowledged_at", label="确认时间", kind="datetime"),
        Fact(name="acknowledged_note", label="处理说明"),
        Fact(name="resolved_at", label="恢复时间", kind="datetime"),
        Fact(name="summary", label="现象"),
        Fact(name="labels", label="标签", value=_labels),
        Fact(name="fingerprint", label="指纹"),
    ]
    actions = [
        Action(
            "确认",
            page="monitoring-alert-acknowledge",
            icon="check",
            style="primary",
            when=lambda a: a.acknowledged_at is None and a.state == AlertState.OPEN,
        ),
        Action(
            "静默",
            page="alerting-alert-silence",
            icon="bell-off",
            kwargs=lambda a: {"alert": a.pk},
            when=lambda a: a.state != AlertState.RESOLVED,
        ),
    ]
    tabs = [
        Tab(
            code="told",
            label="通知记录",
            template="operations/alerting/told.html",
            context=_told,
            live_topic=LIVE,
        ),
        Tab(code="events", label="经过", template="operations/alerting/events.html", context=_events),
        Tab(code="group", label="同组告警", template="operations/alerting/group.html", context=_group),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the alert, or None outside the scope."""
        return queries.get_alert(scope, now, kwargs["pk"])

    def state(self, thing: Any) -> Any:
        """Return its badge."""
        return badges.alert_state(thing)


class AlertAcknowledge(FormPage):
    """Say that an alert is being looked at (确认告警)."""

    name = "monitoring-alert-acknowledge"
    path = "operations/alerts/<int:pk>/acknowledge/"
    title = "确认告警"
    permission = "monitoring.run"
    parent = "monitoring-alerts"
    form = forms.AcknowledgeForm
    submit = "确认"
    intro = "确认表示您已在处理；重复通知和升级随之停止，其他人会看到您的姓名和说明。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the alert."""
        return queries.get_alert(scope, now, kwargs["pk"])

    def heading_text(self) -> str:
        """Return what the alert is about."""
        return f"确认告警：{self.thing.title}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.acknowledge(scope, thing.pk, now=now, note=data["note"])
        return Done("已确认。", to=self.url("alerting-alert", pk=thing.pk))


class AlertSilence(SilenceNew):
    """Silence what is like this alert (静默这条告警): its labels are filled in as conditions."""

    name = "alerting-alert-silence"
    path = "operations/alerts/<int:alert>/silence/"
    title = "静默这条告警"
    parent = "monitoring-alerts"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the labels of the alert; it must be within the scope."""
        return {
            **super().initial(scope, now, thing),
            **self.labels_of(queries.get_alert(scope, now, self.kwargs["alert"])),
        }


PAGES: Sequence[type[Any]] = [AlertDetail, AlertAcknowledge, AlertSilence]
