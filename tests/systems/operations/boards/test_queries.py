"""The wall's data: within the reader's range, a fixed number of queries, who is on duty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations import duty
from taxops.systems.operations.boards import queries
from taxops.systems.operations.duty import OnDuty
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.words import Shown
from tests import factories
from tests.systems.operations.monitoring.conftest import Reporter, make_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def roster() -> Iterator[list[OnDuty]]:
    """Let a list answer who is on duty."""
    kept = list(duty._answers)
    found: list[OnDuty] = []
    duty.answer_with(lambda org, at, post: found)
    yield found
    duty._answers[:] = kept


def test_an_outage_is_on_the_map_of_its_city_only(
    root: Scope, province: dict[str, OrgUnit], now: datetime, reporter: Reporter, make_check: Any
) -> None:
    city = make_system(root, province["145010"], now, "nanjiang")
    check = make_check("专线", of=city, kind="tcp")
    make_check("平台")
    reporter.run(check, "!!!")
    found = queries.board(root, now + timedelta(minutes=1))
    by_city = {tile.org_code: tile for tile in found.tiles}
    assert by_city["145010"].shown == "critical"
    assert by_city["145010"].bad == 1
    assert by_city["145020"].shown is None
    assert [system.code for system in found.down] == ["nanjiang"]
    assert {o.system_id or o.check_row_id for o in found.outages} == {city.pk, check.pk}
    assert found.n_alerts == 2
    assert sum(b.systems for b in found.hours) == 1

    neighbour = factories.person("other", province["145020"], permissions=["monitoring.view"])
    theirs = queries.board(factories.scope_of(neighbour, now), now + timedelta(minutes=1))
    assert [tile.org_code for tile in theirs.tiles] == ["145020"]
    assert not theirs.outages
    assert not theirs.n_alerts
    assert not any(b.systems for b in theirs.hours)


def test_the_number_of_queries_does_not_grow(
    root: Scope, province: dict[str, OrgUnit], now: datetime, reporter: Reporter, make_check: Any
) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            queries.board(root, now + timedelta(minutes=2))
        return len(seen)

    reporter.run(make_check("一"), "!!!")
    first = count()
    for n in range(9):
        reporter.run(
            make_check(f"多{n}", of=make_system(root, province["145010"], now, f"s{n}")), "!!!", start=n
        )
    assert count() <= first + 1  # one more query counts what does not fit on the wall
    assert queries.board(root, now + timedelta(minutes=2)).n_outages == 20


def test_those_on_duty_are_named(root: Scope, engineer: Person, now: datetime, roster: list[OnDuty]) -> None:
    assert not queries.board(root, now).on_duty
    roster.append(OnDuty(engineer.pk, "line1", now + timedelta(hours=4)))
    roster.append(OnDuty(999_999, "line2"))
    assert [one.name for one in queries.board(root, now).on_duty] == [engineer.display_name]


def test_the_wall_shows_systems_as_the_list_does(
    root: Scope, province: dict[str, OrgUnit], now: datetime, reporter: Reporter, make_check: Any
) -> None:
    """The wall counts in one pass and judges in Python; the list judges in SQL."""
    later = now + timedelta(seconds=25)
    for number, codes in enumerate(
        ([], ["!"], ["w", "."], ["?"], ["_"], ["!!!"], [".", "!!!"], [".", "_"], [".", "x"], ["x"], ["."])
    ):
        system = make_system(root, province["145000"], now, f"s{number}")
        for of_check in codes:
            check = make_check(of=system, interval_s=600)
            if of_check == "x":
                services.switch_checks(root, [check.pk], now=now, enabled=False)
            else:
                reporter.run(check, of_check)
    wanted = {
        s.code: (s.shown, s.n_checks, s.n_critical, s.n_dark) for s in monitoring.list_systems(root, later)
    }
    board = queries.board(root, later)
    assert {s.code: (s.shown, s.n_checks, s.n_critical, s.n_dark) for s in board.systems} == wanted
    assert len({shown for shown, *_ in wanted.values()}) >= 5
    assert dict(board.counts) == {
        Shown(k): n for k, n in monitoring.counts_by_state(monitoring.list_checks(root, later)).items() if n
    }
