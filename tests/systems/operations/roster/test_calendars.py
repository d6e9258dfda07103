"""Important periods reach the clocks of cases: of the organisation and below, at once and in what is cached."""

from __future__ import annotations

from datetime import date, datetime

from pytest_django import DjangoAssertNumQueries

from taxops.engines.base import Scope
from taxops.platform.casework import queries, registry
from taxops.platform.casework import services as casework
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit
from taxops.platform.jobs.models import JobRun
from taxops.systems.operations.roster import services
from tests.platform.casework.conftest import REQUEST

from .conftest import NOW, Room, at

SYSTEM = Scope.system("样例")


def _case(org_id: int, now: datetime) -> Case:
    form = {**REQUEST, "channel": "web"}
    return casework.open_new(SYSTEM, now=now, type_code="request", org_id=org_id, data=form)


def test_a_period_moves_the_clocks_of_its_organisation_and_of_nobody_else(room: Room) -> None:
    evening = at(1, 21, 30)
    own = _case(room.org.pk, evening)
    far = _case(OrgUnit.objects.get(code="145020").pk, evening)
    before = own.due_at
    assert before == at(2, 8)
    period = services.add_period(
        room.manager, now=evening, org_id=room.org.pk, name="保障", kind="important",
        first_on=date(2026, 6, 2), last_on=date(2026, 6, 3), hours="always",
    )  # fmt: skip
    run = JobRun.objects.get(name="casework.renew")
    assert run.args == {"path": room.org.path}
    assert casework.renew_open(room.org.path, now=evening) == 1
    own.refresh_from_db()
    assert own.due_at == at(2, 0, 30), "half an hour before ten and half an hour after midnight"
    view = queries.view(SYSTEM, own, at(2, 0, 20))
    assert next(c for c in view.clocks if c.code == "respond").elapsed_seconds == 50 * 60
    far = Case.objects.get(pk=far.pk)
    assert far.due_at == at(2, 8)
    services.cancel_period(room.manager, period.pk, now=evening)
    casework.renew_open(room.org.path, now=evening)
    own.refresh_from_db()
    assert own.due_at == before


def test_natural_time_asks_nothing_of_the_roster(
    room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    calendars = registry.calendars(room.org.path)
    with django_assert_num_queries(0):
        assert calendars("always").is_open(int(NOW.timestamp()))
    with django_assert_num_queries(1):
        calendars("onsite7x12")
        calendars("office5x8")
