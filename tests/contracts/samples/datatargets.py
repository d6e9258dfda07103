"""Samples of target databases and of executions on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.casework import services as casework
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.cases import services
from taxops.systems.operations.cases.models import DataFixRun, DataTarget
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")


def make_target(world: World, org: OrgUnit) -> DataTarget:
    number = DataTarget.objects.count()
    return services.register_target(
        SYSTEM, now=world.now, code=f"core-{number}", name=f"核心库 {number}", org_id=org.pk,
        address="postgresql://fix:secret@db.invalid:5432/core",
    )  # fmt: skip


def make_run(world: World, org: OrgUnit) -> DataFixRun:
    form = {
        "title": "误作废",
        "description": "误报",
        "requester": "王五",
        "level": "normal",
        "system": "core",
    }
    case = casework.open_new(SYSTEM, now=world.now, type_code="datafix", org_id=org.pk, data=form)
    return DataFixRun.objects.create(
        case=case, target=make_target(world, org), state="started", script_hash="ab" * 32, started_at=world.now,
        before=[{"表": "invoice", "id": 1}], counts={"invoice": [3, 3]}, inverse="UPDATE …",
    )  # fmt: skip


@rows("datatargets")
def targets(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_target(world, org)


@sample("datatarget", "datatarget-edit", "datatarget-try", "datatarget-retire", "datatarget-restore")
def target(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_target(world, org).pk}


@rows("datafix-runs")
def runs(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_run(world, org)


@sample("datafix-run", "datafix-settle")
def run(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_run(world, org).pk}
