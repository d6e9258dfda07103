"""A system's topology: what is reached, its states, what a neighbour sees, a fixed number of queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset, AssetType, Relation
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring.models import MonitoredSystem
from taxops.systems.operations.topology import queries
from tests import factories
from tests.systems.operations.monitoring.conftest import Reporter

pytestmark = pytest.mark.django_db


def _asset(code: str, org: OrgUnit, now: datetime, kind: str = "service") -> Asset:
    kept = AssetType.objects.get(code=kind, is_current=True)
    return Asset.objects.create(code=code, name=f"资产{code}", type=kept, org=org, updated_at=now)


@pytest.fixture
def estate(top: OrgUnit, system: MonitoredSystem, now: datetime) -> dict[str, Asset]:
    """Return: the system has a front and a core; the front needs the core, both run on a host."""
    assets.ensure_types()
    found = {code: _asset(code, top, now) for code in ("front", "core", "elsewhere")}
    found["whole"] = _asset("whole", top, now, "system")
    found["host"] = _asset("host", top, now, "host")
    for source, kind, target in (
        ("front", "part_of", "whole"),
        ("core", "part_of", "whole"),
        ("front", "depends_on", "core"),
        ("front", "runs_on", "host"),
        ("core", "runs_on", "host"),
        ("elsewhere", "depends_on", "core"),  # needs us; we do not need it
    ):
        Relation.objects.create(source=found[source], kind=kind, target=found[target])
    system.asset = found["whole"]
    system.save()
    return found


def test_what_a_system_needs_is_drawn_with_its_states(
    root: Scope,
    system: MonitoredSystem,
    estate: dict[str, Asset],
    make_check: Any,
    reporter: Reporter,
    now: datetime,
) -> None:
    bad, good = make_check(asset_id=estate["core"].pk), make_check(asset_id=estate["host"].pk)
    reporter.run(bad, "!!!")
    reporter.run(good, "...", start=1)
    found = queries.topology(root, now + timedelta(seconds=30), system)
    state = {node.asset.code: node.shown for node in found.nodes}
    assert state == {"whole": "critical", "front": None, "core": "critical", "host": "ok"}
    rows = {spot.asset: spot.row for spot in found.spots}
    assert [rows[estate[code].pk] for code in ("whole", "front", "core", "host")] == [0, 1, 2, 3]
    assert len(found.links) == 5
    assert next(node for node in found.nodes if node.asset.code == "whole").system_id == system.pk


def test_a_neighbour_and_a_system_without_asset_have_none(
    root: Scope,
    system: MonitoredSystem,
    estate: dict[str, Asset],
    province: dict[str, OrgUnit],
    now: datetime,
) -> None:
    other = factories.person("other", province["145020"], permissions=["monitoring.view"])
    assert not queries.topology(factories.scope_of(other, now), now, system).nodes
    system.asset = None
    assert queries.topology(root, now, system) == queries.Topology()


def test_queries_do_not_grow(
    root: Scope, system: MonitoredSystem, estate: dict[str, Asset], top: OrgUnit, now: datetime
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.topology(root, now, system)
        return len(seen)

    first = count()
    for n in range(100):
        Relation.objects.create(source=_asset(f"n{n}", top, now), kind="part_of", target=estate["whole"])
    assert count() == first
    found = queries.topology(root, now, system)
    assert (len(found.nodes), found.hidden) == (queries.MOST, 1)  # one more was looked for, not all
