"""Samples of the living pages: their rows are the organisations of the province itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from tests.contracts.samples import World, rows, sample
from tests.factories import org


@rows("kit-list", shared="演示列表，机构人人可见")
def units(world: World, at: OrgUnit, count: int) -> None:
    for number in range(count):
        org(f"{at.code}K{number:03d}", at, "hall")


@sample("kit-detail", shared="演示详情，机构人人可见")
def unit(_world: World, at: OrgUnit) -> Mapping[str, Any]:
    return {"pk": at.pk}
