"""The demonstration of alerting (演示告警管理): routes, an escalation policy, silences, an inhibition of one's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person

from . import services
from .models import AlertRoute, AlertSilence
from .rules import InhibitionFacts

_ROUTES: tuple[dict[str, object], ...] = (
    {
        "name": "核心系统紧急", "systems": ["einv", "fpcy", "tysl", "aqjr"], "severities": ["critical"],
        "receivers": ["duty", "role:ops_manager"], "repeat_s": 3600,
    },
    {
        "name": "主机与系统日志", "systems": ["hosts"], "receivers": ["duty"], "hold": "office5x8", "wait_s": 60,
        "interval_s": 300,
    },
    {
        "name": "市州专线", "matchers": ["system=~city-.*"], "receivers": ["duty", "responders"],
        "group_by": ["system"], "wait_s": 30,
    },
)  # fmt: skip
_USUAL: dict[str, object] = {
    "is_enabled": True, "systems": [], "severities": [], "matchers": [], "times": [], "hold": "",
    "group_by": ["system"], "wait_s": 0, "interval_s": 30, "repeat_s": 14_400, "goes_on": False,
}  # fmt: skip


def seed(scope: Scope, now: datetime) -> None:
    """Store the routes, policy, silences and inhibition, once."""
    org = OrgUnit.objects.filter(level="province", valid_to=None).order_by("code").first()
    if org is None or AlertRoute.objects.filter(is_default=False).exists():
        return
    services.ensure_defaults(now=now)
    policy = services.save_policy(
        scope,
        now=now,
        name="核心系统",
        note="3 分钟无人确认通知二线，10 分钟通知局方",
        steps=[
            {"after_s": 180, "receivers": ["role:second_line"]},
            {"after_s": 600, "receivers": ["role:bureau_admin"]},
        ],
        org_id=org.pk,
    )
    for number, route in enumerate(_ROUTES):
        services.save_route(
            scope, now=now, values={**_USUAL, **route}, org_id=org.pk, policy_id=None if number else policy.pk
        )
    services.save_inhibition(
        scope,
        now=now,
        org_id=org.pk,
        facts=InhibitionFacts(
            ("level=system", "system=einv"), ("level=system", "system=~fpcy|tysl|aqjr|dzdz"), (),
            "整个平台已中断，所含系统不再单独通知", "平台中断时不逐个系统通知",
        ),
    )  # fmt: skip
    _silences(scope, now, org)


def _silences(scope: Scope, now: datetime, org: OrgUnit) -> None:
    """Store one silence in force, one to come, and one that was ended early."""
    who = Person.objects.filter(username="engineer", is_active=True).first()
    start = now.replace(minute=0, second=0, microsecond=0)
    for condition, reason, begins, hours in (
        ("alertname=NodeClockSkew", "时间服务器更换中，已通知网络组", start - timedelta(hours=1), 26),
        ("system=city-2207", "松原市局机房搬迁，专线分段割接", start + timedelta(days=2), 6),
        ("check=hosts-log-outer", "采集脚本误报，已修改关键字", start - timedelta(days=1), 8),
    ):
        services.silence(
            scope, now=now, org_id=org.pk, matchers=[condition], reason=reason, starts_at=begins,
            ends_at=begins + timedelta(hours=hours),
        )  # fmt: skip
    AlertSilence.objects.filter(org=org, created_by=None).update(created_by=who)
