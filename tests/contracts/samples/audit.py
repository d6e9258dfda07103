"""Samples of the trail's pages: entries that concern an organisation, a seal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.crypto import generate_keypair
from taxops.platform.audit import services
from taxops.platform.identity.models import OrgUnit
from tests.contracts.samples import World, rows, sample

KEYS = generate_keypair()


def _entry(world: World, at: OrgUnit, label: str) -> Any:
    return services.record(
        Scope(None, "王芳", address="10.0.0.7"), now=world.now, action="check.edit", kind="check",
        object_id="17", label=label, before={"limit": 1}, after={"limit": 2}, org_path=at.path,
    )  # fmt: skip


@rows("audit-entries")
def entries(world: World, at: OrgUnit, count: int) -> None:
    for number in range(count):
        _entry(world, at, f"检查 {number}")


@sample("audit-entry")
def entry(world: World, at: OrgUnit) -> Mapping[str, Any]:
    return {"pk": _entry(world, at, "检查").pk}


@rows("audit-seals", shared="封签只有摘要，不属于任何机构")
def seals(world: World, at: OrgUnit, count: int) -> None:
    for number in range(count):
        _entry(world, at, f"检查 {number}")
        services.seal(KEYS, now=world.now)
