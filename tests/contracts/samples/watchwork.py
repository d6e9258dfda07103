"""Samples of checks that people carry out and of configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.drift import services as drift
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.models import Check
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import SYSTEM, make_system


def make(world: World, org: OrgUnit, kind: str, target: str, **params: Any) -> Check:
    return services.create_check(
        SYSTEM,
        now=world.now,
        system_id=make_system(world, org).pk,
        definition=services.Definition(name="样例", kind=kind, target=target, params=params),
    )


@sample("manual-answer", extra=["monitoring.view"])
def duty(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make(world, org, "manual", "机房", unit="℃").pk}


@rows("drift")
def configs(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make(world, org, "config_drift", "/etc/hosts")


@sample("drift-config", "drift-propose", extra=["monitoring.view", "monitoring.run", "monitoring.edit"])
def config(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make(world, org, "config_drift", "/etc/hosts").pk}


@sample("drift-decide", extra=["monitoring.view"])
def snapshot(world: World, org: OrgUnit) -> Mapping[str, Any]:
    check = make(world, org, "config_drift", "/etc/hosts")
    return {"pk": drift.propose(SYSTEM, check.pk, now=world.now, content="a\nb", reason="首次核实").pk}
