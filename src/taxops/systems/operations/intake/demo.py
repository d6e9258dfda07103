"""The demonstration of intake (演示接入): an Alertmanager beside us that pushed a few events, two of them unmatched."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting.words import Source
from taxops.systems.operations.monitoring.models import MonitoredSystem

from . import services
from .models import IntakeSource
from .rules import Pushed

_MAPPING = (("tysl", "job=tysl => tysl minor"), ("einv", "job=einv, env=prod => einv critical"))
_EVENTS = (
    ({"alertname": "NodeDiskAlmostFull", "instance": "tysl-app-02", "job": "tysl"}, "受理应用二号磁盘将满",
     "预计 24 小时内写满，已用 91%", 190),
    ({"alertname": "NodeClockSkew", "instance": "ntp-backup-01", "job": "infra"}, "备用时间服务器偏差 1.8 秒",
     "与上级时间源偏差超过 1 秒", 75),
    ({"alertname": "BackupJobSlow", "instance": "bak-03", "job": "backup"}, "备份作业超过预计时间",
     "归档备份已运行 3 小时 20 分", 40),
)  # fmt: skip


def seed(scope: Scope, now: datetime) -> None:  # noqa: ARG001 -- as every demonstration is asked
    """Store the source and what it pushed, once."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None or IntakeSource.objects.exists():
        return
    known = set(MonitoredSystem.objects.filter(archived_at=None).values_list("code", flat=True))
    source = IntakeSource.objects.create(
        code="alertmanager-demo",
        name="基础设施组 Alertmanager（演示）",
        kind=Source.ALERTMANAGER.value,
        org=org,
        mapping=[line for code, line in _MAPPING if code in known],
    )
    events = [
        Pushed(
            f"demo-{labels['alertname']}",
            labels,
            True,
            now - timedelta(minutes=ago),
            "warning",
            title,
            summary,
        )
        for labels, title, summary, ago in _EVENTS
    ]
    services.take(source, events, now=now)
