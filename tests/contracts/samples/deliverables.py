"""Samples of deliverables: the report of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import CHINA
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.deliverables import services
from taxops.systems.operations.deliverables.models import Deliverable, DeliverableVersion
from tests.contracts.samples import World, rows, sample
from tests.contracts.samples.monitoring import SYSTEM


def make_report(world: World, org: OrgUnit) -> DeliverableVersion:
    count = Deliverable.objects.filter(org=org).count()
    day = (world.now.astimezone(CHINA) - timedelta(days=1 + count)).date()
    version, _ = services.make_daily(SYSTEM, now=world.now, org=org, day=day)
    return version


@rows("deliverables")
def deliverables(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_report(world, org)


@sample("deliverable", "deliverable-sign", extra=["deliverables.make"])
def deliverable(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_report(world, org).deliverable_id}


@sample("deliverable-download")
def download(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_report(world, org).deliverable_id, "version": 1, "form": "pdf"}
