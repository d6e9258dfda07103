"""The demonstration of templates and of what people look at: an update waits, a duty is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.blueprints import demo, queries, rules, services
from taxops.systems.operations.blueprints.models import Blueprint
from taxops.systems.operations.manual import demo as manual
from taxops.systems.operations.manual import queries as duties
from taxops.systems.operations.monitoring.models import Check, StateChange
from tests import factories
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = pytest.mark.django_db
SCOPE = Scope.system("演示数据", via="cli")


def test_an_update_waits_and_can_be_taken_back(top: OrgUnit, now: datetime) -> None:
    for name, role in (("manager", "ops_manager"), ("engineer", "onsite_engineer")):
        factories.person(name, top, role)
    for code in demo.SYSTEMS:
        make_system(SCOPE, top, now - timedelta(days=30), code)
    for _ in range(2):
        demo.seed(SCOPE, now, "127.0.0.1:9")
        manual.seed(SCOPE, now)
    blueprint = queries.get_blueprint(Blueprint.objects.get(code=demo.CODE).pk)
    assert (blueprint.number, blueprint.has_draft, blueprint.n_systems) == (2, False, 3)
    places = queries.placements(SCOPE, blueprint)
    assert [place.number for place in places] == [2, 1, 1]

    plans = queries.plan(
        SCOPE,
        now,
        blueprint,
        queries.content_of(blueprint),
        queries.orders_of([p for p in places if p.number == 1]),
    )
    assert [(p.count(rules.Act.ADD), p.count(rules.Act.CHANGE), p.count(rules.Act.REMOVE)) for p in plans] == [
        (1, 2, 1), (1, 1, 1),
    ]  # fmt: skip
    kept = [step for step in plans[1].steps if step.act is rules.Act.KEEP]
    assert [(step.name, list(step.kept)) for step in kept] == [("机房前置端口", ["interval_s", "note"])]
    done = services.update(SCOPE, blueprint.pk, now=now, places=[p.pk for p in places if p.number == 1])
    assert [services.undo(SCOPE, one.pk, now=now + timedelta(minutes=1)) for one in done] == [[], []]
    assert [place.number for place in queries.placements(SCOPE, blueprint)] == [2, 1, 1]

    stands = {d.check.code: d.due.stand.label for d in duties.duties(SCOPE, now)}
    assert stands["city-2202-round"] == "逾期"
    assert stands["city-2224-round"] == "临近"
    assert stands["city-2201-round"] == "本期已查"
    probed = Check.objects.filter(kind="tcp").values_list("state__alive_from_ms", flat=True)
    assert min(probed) == round(now.timestamp() * 1000), "nobody watched before the demonstration began"
    assert not StateChange.objects.filter(kind="silent_began").exists()
