"""Samples of monitoring: systems, checks, outages with their alerts, windows, probers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope, to_millis
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.monitoring import ingest, services
from taxops.systems.operations.monitoring.models import Check, MonitoredSystem, Outage, Prober
from taxops.systems.operations.monitoring.rules import Batch, Row
from tests import factories
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_system(world: World, org: OrgUnit) -> MonitoredSystem:
    number = MonitoredSystem.objects.count()
    return services.create_system(
        SYSTEM, now=world.now, code=f"s{org.code}-{number}", name=f"统一受理{number}", org_id=org.pk
    )


def make_check(world: World, org: OrgUnit, system: MonitoredSystem | None = None) -> Check:
    number = Check.objects.count()
    return services.create_check(
        SYSTEM,
        now=world.now - timedelta(hours=1),
        system_id=(system or make_system(world, org)).pk,
        definition=services.Definition(
            name=f"受理服务{number}", kind="http", target="http://127.0.0.1:9/", params={"password": "秘密"}
        ),
    )


def make_prober(world: World, org: OrgUnit) -> Prober:
    token, _ = factories.token(["probers.report"], org, now=world.now - timedelta(days=1))
    return services.register(SYSTEM, now=world.now, code=f"p-{token.prefix}", name="本机探测器", token=token)


def make_outage(world: World, org: OrgUnit) -> Outage:
    check = make_check(world, org)
    at_ms = to_millis(world.now) - 600_000
    found = [
        Row(
            check.pk,
            1,
            at_ms + n * 1000,
            2,
            900,
            0,
            "连接被拒绝",
            None,
            {"conditions": [], "phases": {"connect": 1}},
        )
        for n in range(3)
    ]
    ingest.report(make_prober(world, org), Batch("b", 1, at_ms, {}, found), now=world.now)
    return Outage.objects.get(check_row=check)


def make_window(world: World, org: OrgUnit) -> Any:
    return services.request_window(
        SYSTEM,
        now=world.now,
        title="版本升级",
        reason="升级受理服务",
        systems=[make_system(world, org).pk],
        starts_at=world.now + timedelta(days=1),
        ends_at=world.now + timedelta(days=1, hours=2),
    )


def make_rule(world: World, org: OrgUnit) -> Any:
    return services.request_rule(
        SYSTEM,
        now=world.now,
        title="每月补丁",
        reason="安装补丁",
        repeat={"kind": "last_working", "n": 1, "start": "22:00", "minutes": 120},
        systems=[make_system(world, org).pk],
        valid_from=world.now - timedelta(days=60),
        valid_to=world.now + timedelta(days=200),
    )


def make_dependency(world: World, org: OrgUnit) -> Any:
    child, parent = make_check(world, org), make_check(world, org)
    return services.add_dependency(SYSTEM, now=world.now, child=child.code, parent=parent.code, note="专线")


@rows("monitoring-dependencies")
def dependencies(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_dependency(world, org)


@sample("monitoring-dependency-remove", extra=["monitoring.view"])
def dependency(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_dependency(world, org).pk}


@rows("monitoring-rules")
def rules(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_rule(world, org)


@sample("monitoring-rule", "monitoring-rule-decide", "monitoring-rule-end", extra=["monitoring.view"])
def rule(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_rule(world, org).pk}


@rows("monitoring-systems")
def systems(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_check(world, org)


@rows("monitoring-checks")
def checks(world: World, org: OrgUnit, count: int) -> None:
    system = make_system(world, org)
    for _ in range(count):
        make_check(world, org, system)


@rows("monitoring-outages", "monitoring-alerts")
def outages(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_outage(world, org)


@rows("monitoring-windows")
def windows(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_window(world, org)


@rows("monitoring-probers")
def probers(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_prober(world, org)


@sample(
    "monitoring-system",
    "monitoring-system-edit",
    "monitoring-system-tree",
    "monitoring-system-tree-trial",
    "monitoring-system-timeline",
    "monitoring-system-archive",
    extra=["monitoring.view"],
)
def system(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_check(world, org).system_id}


@sample(
    "monitoring-check",
    "monitoring-check-bands",
    "monitoring-check-edit",
    "monitoring-check-disable",
    "monitoring-check-enable",
    "monitoring-check-copy",
    "monitoring-check-archive",
    "monitoring-check-try",
    extra=["monitoring.view"],
)
def check(world: World, org: OrgUnit) -> Mapping[str, Any]:
    outage = make_outage(world, org)
    return {"pk": outage.check_row_id}


@sample("monitoring-outage")
def outage(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_outage(world, org).pk}


@sample("monitoring-alert-acknowledge", "alerting-alert", extra=["monitoring.view"])
def alert(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": Alert.objects.get(outage=make_outage(world, org)).pk}


@sample(
    "monitoring-window", "monitoring-window-decide", "monitoring-window-cancel", extra=["monitoring.view"]
)
def window(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_window(world, org).pk}


@sample("monitoring-prober-edit", extra=["monitoring.view"])
def prober(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_prober(world, org).pk}


@sample("monitoring-template", shared="招标文件列明的内容人人相同")
def template(_world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"item": "M05"}
