"""What goes into the report: the day as it stood, the same whenever it is gathered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.engines.documents import freeze
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.deliverables import gathering
from tests.systems.operations.deliverables.conftest import DAY
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = pytest.mark.django_db


def test_the_day_as_it_stood(told: Scope, top: OrgUnit) -> None:
    found = gathering.gather(top, DAY)
    (system,) = found["systems"]
    assert (system["outages"], system["day"]["downtime_s"], system["day"]["excluded_s"]) == (1, 300.0, 0.0)
    assert system["day"]["availability"] == pytest.approx(1 - 300 / 86400)
    (outage,) = found["outages"]
    assert (outage["seconds"], outage["ongoing"], outage["over"]) == (300.0, False, False)
    hours = found["hours"]["einvoice"]
    assert hours[10] == round(1 - 300 / 3600, 6)
    assert sum(hours) == pytest.approx(23 + hours[10])
    item = next(row for row in found["items"] if row["key"] == "M05")
    assert (item["checks"], item["results"], item["bad"], item["outages"]) == (1, 25, 5, 1)
    assert len(found["items"]) == 23
    assert found["latency"]["einvoice"][10] == 1.5
    assert {alert["system"] for alert in found["alerts"]} == {"系统einvoice"}


def test_gathered_twice_it_is_the_same(told: Scope, top: OrgUnit) -> None:
    assert freeze(gathering.gather(top, DAY)) == freeze(gathering.gather(top, DAY))


def test_another_day_and_another_organisation_have_nothing_of_it(
    told: Scope, province: dict[str, OrgUnit], top: OrgUnit
) -> None:
    before = gathering.gather(top, DAY - timedelta(days=1))
    assert before["outages"] == before["alerts"] == []
    below = next(unit for unit in province.values() if unit.parent_id is not None)
    assert gathering.gather(below, DAY)["systems"] == []


def test_queries_do_not_grow_with_systems(told: Scope, root: Scope, top: OrgUnit, now: object) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            gathering.gather(top, DAY)
        return len(asked)

    few = count()
    for n in range(8):
        make_system(root, top, now, f"more{n}")  # type: ignore[arg-type]  # the fixture's instant
    assert count() == few <= 60


def test_reports_are_owed_where_a_contract_is_else_at_the_top(told: Scope, top: OrgUnit, now: object) -> None:
    from tests.systems.operations.availability.test_services import values

    assert [org.code for org in gathering.reporting_orgs(now)] == [top.code]  # type: ignore[arg-type]  # an instant
    from taxops.systems.operations.availability import services

    services.keep_agreement(told, now=now, values=values(top))  # type: ignore[arg-type]  # an instant
    assert [org.code for org in gathering.reporting_orgs(now)] == [top.code]  # type: ignore[arg-type]  # an instant
