"""Samples of the lab page's actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from tests.contracts.samples import World, sample

_SHARED = "实验室属于整个演示，不属于任何机构"


@sample("demo-lab-break", shared=_SHARED)
def breaking(_world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"code": "nginx", "mode": "stop"}


@sample("demo-lab-heal", shared=_SHARED)
def healing(_world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"code": "nginx"}
