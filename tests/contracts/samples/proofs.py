"""Samples of proofs: kinds belong to the installation, not to anybody's area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.proofs import services
from tests.contracts.samples import World, sample
from tests.contracts.samples.monitoring import SYSTEM


@sample("kind-proof", "kind-proof-withdraw", shared="检查类型属于整个安装", extra=["monitoring.view"])
def proof(world: World, org: OrgUnit) -> Mapping[str, Any]:
    services.confirm(SYSTEM, "ogg", now=world.now, against="OGG 21.3", note="与 info all 对照一致")
    return {"kind": "ogg"}
