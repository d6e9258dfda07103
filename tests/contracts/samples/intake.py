"""Samples of intake: sources, events that matched no system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.intake import services
from taxops.systems.operations.intake.models import IntakeSource
from taxops.systems.operations.intake.rules import Pushed
from tests import factories
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import make_system


def make_source(world: World, org: OrgUnit) -> IntakeSource:
    token, _ = factories.token(["intake.push"], org)
    return IntakeSource.objects.create(
        code=f"events-{token.prefix}",
        name="外部监控",
        kind="events",
        org=org,
        token=token,
        mapping=["a=b => minor"],
    )


def make_event(world: World, org: OrgUnit) -> Alert:
    number = Alert.objects.count()
    source = make_source(world, org)
    services.take(source, [Pushed("", {"n": str(number)}, True, world.now, title="磁盘将满")], now=world.now)
    return Alert.objects.latest("pk")


@rows("intake-sources")
def sources(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_source(world, org)


@rows("intake-unmatched")
def unmatched(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_event(world, org)


@sample("intake-source", "intake-source-edit", extra=["monitoring.view"])
def source(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_source(world, org).pk}


@sample("intake-assign", extra=["monitoring.view"])
def event(world: World, org: OrgUnit) -> Mapping[str, Any]:
    make_system(world, org)
    return {"pk": make_event(world, org).pk}
