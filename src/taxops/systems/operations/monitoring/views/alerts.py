"""Pages of alerts (告警)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.systems.operations.monitoring.words import AlertState, Severity
from taxops.web.kit import (
    BooleanFilter,
    BulkAction,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Done,
    FormPage,
    ListPage,
    OrgFilter,
)

from .badges import ALERT_TONES, LIVE, SEVERITY_TONES


def _acknowledge(scope: Scope, now: datetime, rows: Any) -> Done:
    pks = list(rows.filter(state=AlertState.OPEN).values_list("pk", flat=True))
    for pk in pks:
        services.acknowledge(scope, pk, now=now)
    return Done(f"已确认 {len(pks)} 条告警。")


class AlertList(ListPage):
    """The inbox of alerts (告警)."""

    name = "monitoring-alerts"
    path = "operations/alerts/"
    title = "告警"
    permission = "monitoring.view"
    scope_field = "system__org__path"
    columns = [
        Column(
            name="state", label="状态", kind="state", choices=AlertState, tones=ALERT_TONES, sort="urgency"
        ),
        Column(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Column(name="title", label="告警", wide=True, link=lambda a: f"/operations/outages/{a.outage_id}/"),
        Column(name="cause", label="现象", value=lambda a: a.outage.cause, sort="", wide=True),
        Column(name="opened_at", label="告警时间", kind="datetime"),
        Column(name="lasted", label="持续", kind="duration"),
        Column(
            name="acknowledged_by",
            label="确认人",
            value=lambda a: str(a.acknowledged_by or ""),
            sort="acknowledged_by__pinyin",
        ),
        Column(name="acknowledged_note", label="处理说明", sort=""),
        Column(name="quiet", label="维护期内", kind="bool", hidden=True),
        Column(name="resolved_at", label="恢复时间", kind="datetime", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=AlertState, multiple=True),
        ChoiceFilter(name="severity", label="重要程度", choices=Severity, multiple=True),
        BooleanFilter(name="quiet", label="维护期内"),
        DateRangeFilter(name="opened", label="告警日期", field="opened_at"),
        OrgFilter(name="org", label="机构", field="system__org"),
    ]
    search = ["title", "outage__cause", "system__name"]
    sort = "state"
    live_topic = LIVE
    empty = "没有告警。"
    bulk = [
        BulkAction(code="acknowledge", label="确认", permission="monitoring.run", run=_acknowledge,
                   confirm="将确认 {n} 条告警，表示您已在处理。"),
    ]  # fmt: skip

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the alerts within the scope."""
        return queries.list_alerts(scope, now)

    def row_url(self, row: Any) -> str:
        """Return the outage behind it."""
        return self.url("monitoring-outage", pk=row.outage_id)


class AlertAcknowledge(FormPage):
    """Say that an alert is being looked at (确认告警)."""

    name = "monitoring-alert-acknowledge"
    path = "operations/alerts/<int:pk>/acknowledge/"
    title = "确认告警"
    permission = "monitoring.run"
    parent = "monitoring-alerts"
    form = forms.AcknowledgeForm
    submit = "确认"
    intro = "确认表示您已在处理；其他人会看到您的姓名和说明。"

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
        return Done("已确认。", to=self.url("monitoring-outage", pk=thing.outage_id))


PAGES: Sequence[type[Any]] = [AlertList, AlertAcknowledge]
