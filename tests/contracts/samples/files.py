"""Samples of stored files."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.files import services
from taxops.platform.identity.models import OrgUnit
from tests.contracts.samples import World, rows, sample


def _store(world: World, org: OrgUnit, number: int) -> Any:
    return services.store(
        Scope.system("样例"), now=world.now, name=f"报告{number}.txt", stream=BytesIO(b"x"), org=org
    )


@rows("files")
def files(world: World, org: OrgUnit, count: int) -> None:
    for number in range(count):
        _store(world, org, number)


@sample("file", "file-download", "file-remove", extra=["files.view"])
def file(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": _store(world, org, 1).pk}
