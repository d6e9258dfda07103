"""Samples of availability: a system that was down, an exclusion, a contract's terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.availability import services
from taxops.systems.operations.availability.models import Agreement, Exclusion
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import SYSTEM, make_system
from tests.systems.operations.availability.conftest import down


def make_exclusion(world: World, org: OrgUnit) -> Exclusion:
    system = make_system(world, org)
    start = world.now - timedelta(hours=5)
    down(system, start, timedelta(hours=1))
    return services.request_exclusion(
        SYSTEM,
        now=world.now,
        system_id=system.pk,
        kind="carrier",
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        reason="运营商割接",
        evidence="割接通知 2026-06",
    )


def make_agreement(world: World, org: OrgUnit) -> Agreement:
    number = Agreement.objects.count()
    values = {
        "name": f"运维合同{number}", "number": f"GX-{number}", "org_id": org.pk, "systems": [],
        "signed_on": date(2026, 1, 1), "total_s": 43200, "each_s": 7200, "streak_months": 6,
        "exclude_planned": True, "coverage": 0.99, "source": "招标文件",
    }  # fmt: skip
    return services.keep_agreement(SYSTEM, now=world.now, values=values)


@rows("exclusions")
def exclusions(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_exclusion(world, org)


@rows("agreements")
def agreements(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_agreement(world, org)


@sample("availability-system", extra=["monitoring.view"])
def system(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_exclusion(world, org).system_id}


@sample("exclusion", "exclusion-decide", "exclusion-revoke", extra=["monitoring.view"])
def exclusion(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_exclusion(world, org).pk}


@sample("agreement-edit", "agreement-archive", extra=["monitoring.view"])
def agreement(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_agreement(world, org).pk}
