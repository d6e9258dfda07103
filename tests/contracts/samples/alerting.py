"""Samples of alerting: silences, routes, escalation policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import (
    Alert,
    AlertInhibition,
    AlertPolicy,
    AlertRoute,
    AlertSilence,
)
from taxops.systems.operations.alerting.rules import InhibitionFacts
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import make_outage

SYSTEM = Scope.system("样例")


def make_silence(world: World, org: OrgUnit) -> AlertSilence:
    return services.silence(
        SYSTEM,
        now=world.now,
        org_id=org.pk,
        matchers=["system=fpcy"],
        starts_at=world.now,
        ends_at=world.now + timedelta(hours=2),
        reason="更换交换机",
    )


def make_route(world: World, org: OrgUnit) -> AlertRoute:
    return services.save_route(
        SYSTEM,
        now=world.now,
        org_id=org.pk,
        policy_id=None,
        values={
            "name": f"路由{AlertRoute.objects.count()}", "is_enabled": True, "systems": [],
            "severities": ["critical"], "matchers": [], "times": [], "receivers": ["responders"], "hold": "",
            "group_by": ["system"], "wait_s": 0, "interval_s": 30, "repeat_s": 3600, "goes_on": False,
        },
    )  # fmt: skip


def make_policy(world: World, org: OrgUnit) -> AlertPolicy:
    return services.save_policy(
        SYSTEM,
        now=world.now,
        name=f"升级{AlertPolicy.objects.count()}",
        note="",
        steps=[{"after_s": 300, "receivers": ["responders"]}],
        org_id=org.pk,
    )


def make_inhibition(world: World, org: OrgUnit) -> AlertInhibition:
    facts = InhibitionFacts(
        ("level=system",),
        ("level=check",),
        ("system",),
        "所属系统已中断",
        f"抑制{AlertInhibition.objects.count()}",
    )
    return services.save_inhibition(SYSTEM, now=world.now, facts=facts, org_id=org.pk)


@rows("alerting-inhibitions")
def inhibitions(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_inhibition(world, org)


@sample(
    "alerting-inhibition",
    "alerting-inhibition-edit",
    "alerting-inhibition-retire",
    extra=["monitoring.view"],
)
def inhibition(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_inhibition(world, org).pk}


@sample("alerting-inhibition-restore", extra=["monitoring.view"])
def retired(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = make_inhibition(world, org)
    return {"pk": services.retire_inhibition(SYSTEM, made.pk, now=world.now).pk}


@rows("alerting-silences")
def silences(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_silence(world, org)


@rows("alerting-routes")
def routes(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_route(world, org)


@rows("alerting-policies")
def policies(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_policy(world, org)


@sample("alerting-silence", "alerting-silence-end", extra=["monitoring.view"])
def silence(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_silence(world, org).pk}


@sample(
    "alerting-route-edit",
    "alerting-route-up",
    "alerting-route-down",
    "alerting-route-remove",
    extra=["monitoring.view"],
)
def route(world: World, org: OrgUnit) -> Mapping[str, Any]:
    make_route(world, org)
    return {"pk": make_route(world, org).pk}


@sample("alerting-policy-edit", extra=["monitoring.view"])
def policy(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_policy(world, org).pk}


@sample("alerting-alert-silence", extra=["monitoring.view"])
def alert(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"alert": Alert.objects.get(outage=make_outage(world, org)).pk}
