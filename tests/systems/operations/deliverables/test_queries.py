"""Papers are found within the scope, and by the days that something touches."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.deliverables import gathering, queries, services
from tests import factories
from tests.systems.operations.deliverables.conftest import DAY

pytestmark = pytest.mark.django_db


def test_papers_of_the_days_that_are_touched(told: Scope, top: OrgUnit, next_day: datetime) -> None:
    services.make_daily(told, now=next_day, org=top, day=DAY)
    day = gathering.day_of(DAY)
    second = timedelta(seconds=1)
    assert len(queries.papers_of_days(day.start, day.start + second)) == 1
    assert len(queries.papers_of_days(day.end - second, day.end + second)) == 1
    assert queries.papers_of_days(day.end, day.end + second) == []
    assert queries.papers_of_days(day.start - second, day.start) == []


def test_a_stranger_sees_no_paper(
    told: Scope, top: OrgUnit, province: dict[str, OrgUnit], next_day: datetime
) -> None:
    version, _ = services.make_daily(told, now=next_day, org=top, day=DAY)
    below = next(unit for unit in province.values() if unit.parent_id is not None)
    stranger = factories.scope_of(factories.person("s", below, permissions=["monitoring.view"]), next_day)
    assert not queries.list_deliverables(stranger).exists()
    with pytest.raises(NotFound):
        queries.get_deliverable(stranger, version.deliverable_id)
    with pytest.raises(NotFound):
        queries.get_version(stranger, version.deliverable_id, 1)
    assert queries.get_version(told, version.deliverable_id, 1).pk == version.pk
