"""Planning over many systems: a fixed number of queries, nobody else's systems or assets, problems said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import NotFound, Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset, AssetType
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.blueprints import queries, services
from taxops.systems.operations.blueprints.rules import Act
from tests import factories
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]
CONTENT: dict[str, Any] = {
    "entries": [
        {"key": "page", "name": "首页", "kind": "http", "target": "http://192.0.2.1/", "role": "must"},
        {"key": "ssh", "name": "{asset.name}", "kind": "tcp", "asset_type": "host", "target": "{ip}:22"},
    ]
}


def _host(org: OrgUnit, now: datetime, code: str) -> int:
    assets.ensure_types()
    kind = AssetType.objects.get(code="host", is_current=True)
    made = Asset.objects.create(
        code=code, name=f"主机{code}", type=kind, org=org, updated_at=now, attributes={"ip": "192.0.2.9"}
    )
    return made.pk


def test_a_plan_stores_nothing_says_what_is_wrong_and_takes_no_neighbours_asset(
    province: dict[str, OrgUnit], root: Scope, now: datetime
) -> None:
    blueprint = services.create_blueprint(root, now=now, code="t", name="模板")
    mine, theirs = _host(province["145010"], now, "m"), _host(province["145020"], now, "t")
    editor = factories.scope_of(
        factories.person("editor", province["145010"], permissions=["monitoring.edit", "monitoring.view"]),
        now,
    )
    system = make_system(root, province["145010"], now, "s1")
    broken = {
        "entries": [*CONTENT["entries"], {"key": "bad", "name": "坏", "kind": "nothing", "target": "x"}]
    }
    order = queries.Order(system, [mine, theirs], {})
    (plan,) = queries.plan(editor, now, blueprint, broken, [order])
    assert [(step.act, step.slot) for step in plan.steps] == [(Act.ADD, "page"), (Act.ADD, "ssh@m")]
    assert list(plan.assets) == [mine]
    assert len(plan.problems) == 1
    assert "坏" in plan.problems[0]
    assert plan.tree_after == {"all": [{"check": "s1-page"}]}
    assert plan.does_something
    assert [pk for pk, _ in queries.asset_choices(editor, ["host"])] == [mine]


def test_many_systems_are_planned_in_as_many_queries_as_one(
    province: dict[str, OrgUnit], root: Scope, now: datetime
) -> None:
    blueprint = services.create_blueprint(root, now=now, code="t", name="模板")
    host = _host(province["145000"], now, "h")
    orders = [
        queries.Order(make_system(root, province["145000"], now, f"s{n}"), [host], {}) for n in range(6)
    ]

    def cost(some: list[queries.Order]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(queries.plan(root, now, blueprint, CONTENT, some)) == len(some)
        return len(seen)

    assert cost(orders[:1]) == cost(orders) <= 4


def test_places_and_applications_are_those_of_the_reader(
    province: dict[str, OrgUnit], root: Scope, now: datetime
) -> None:
    blueprint = services.create_blueprint(root, now=now, code="t", name="模板")
    services.save_entry(root, blueprint.pk, now=now, key="page", entry=CONTENT["entries"][0])
    services.publish(root, blueprint.pk, now=now)
    system = make_system(root, province["145010"], now, "s1")
    done = services.apply(root, blueprint.pk, now=now, system_id=system.pk)
    assert done is not None
    assert [place.n_checks for place in queries.placements(root, blueprint)] == [1]
    neighbour = factories.scope_of(
        factories.person("next", province["145020"], permissions=["monitoring.view", "monitoring.edit"]), now
    )
    assert queries.placements(neighbour, blueprint) == []
    assert queries.rollouts(neighbour, blueprint) == []
    with pytest.raises(NotFound):
        queries.get_rollout(neighbour, done.pk)
    with pytest.raises(NotFound):
        queries.get_blueprint(999_999)
    assert not queries.get_blueprint(blueprint.pk).has_draft
