"""Samples of assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.assets import queries, services
from taxops.platform.assets.models import Asset
from taxops.platform.identity.models import OrgUnit
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make(world: World, org: OrgUnit) -> Asset:
    services.ensure_types()
    return services.create(
        SYSTEM,
        now=world.now,
        code=f"A-{org.code}-{Asset.objects.count()}",
        name="电子税务局",
        type=queries.get_type("system"),
        org=org,
        attributes={"level": "第三级"},
    )


@rows("assets")
def assets(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make(world, org)


@rows("asset-types", shared="资产类型人人可见")
def types(_world: World, _org: OrgUnit, _count: int) -> None:
    services.ensure_types()


@sample("asset", "asset-edit", "asset-relate")
def asset(world: World, org: OrgUnit) -> Mapping[str, Any]:
    first, other = make(world, org), make(world, org)
    services.relate(SYSTEM, now=world.now, source=other, kind="depends_on", target=first)
    return {"pk": first.pk}


@sample("asset-by-code")
def by_code(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"code": make(world, org).code}


@sample("asset-unrelate")
def relation(world: World, org: OrgUnit) -> Mapping[str, Any]:
    made = services.relate(
        SYSTEM, now=world.now, source=make(world, org), kind="part_of", target=make(world, org)
    )
    return {"pk": made.pk}


@sample("asset-type", "asset-new", "asset-import", shared="资产类型人人可见")
def kind(_world: World, _org: OrgUnit) -> Mapping[str, Any]:
    services.ensure_types()
    return {"kind": "host"}
