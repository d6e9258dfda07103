"""What is counted from: outages that touch, agreed maintenance by system, time that could be judged."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Interval, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.monitoring import ingest, queries, services
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system

pytestmark = pytest.mark.django_db


def s(now: datetime, intervals: list[Interval]) -> list[tuple[float, float]]:
    return [((i.start - now).total_seconds(), (i.end - now).total_seconds()) for i in intervals]


def monitored(system: MonitoredSystem, start: datetime, end: datetime) -> list[tuple[float, float]]:
    return s(start, queries.monitored_of([system.pk], start, end)[system.pk])


def test_outages_that_touch_the_time_are_found_per_system(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!!..")
    end = now + timedelta(seconds=70)
    (outage,) = queries.outages_of([system.pk], now, end)[system.pk]
    assert (outage.started_at - now).total_seconds() == 20
    assert queries.outages_of([system.pk], now + timedelta(seconds=60), end) == {}
    assert queries.outages_of([system.pk + 1], now, end) == {}


def test_a_system_is_monitored_from_the_first_result_until_silence(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "...", start=10)  # at 10, 20, 30
    assert monitored(system, now, now + timedelta(seconds=40)) == [(10, 40)]
    later = now + timedelta(seconds=200)
    ingest.judge_silence(now=later)
    ((begin, end),) = monitored(system, now, later)
    assert begin == 10
    assert 30 <= end < 100
    reporter.run(check, "...", start=300)
    assert monitored(system, now, now + timedelta(seconds=330))[-1] == (300, 330)


def test_what_cannot_be_checked_is_not_monitored_but_an_outage_is(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..????..!!!!")
    end = now + timedelta(seconds=120)
    assert monitored(system, now, end) == [(0, 20), (60, 120)]


def test_one_good_member_of_a_pair_is_enough(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, root: Scope, now: datetime
) -> None:
    a, b = make_check(), make_check()
    services.define_tree(root, system.pk, now=now, tree={"any": [{"check": a.code}, {"check": b.code}]})
    reporter.run(a, "...")
    assert monitored(system, now, now + timedelta(seconds=30)) == [(0, 30)]


def test_a_check_made_later_does_not_darken_the_time_before(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, now: datetime
) -> None:
    a = make_check()
    reporter.run(a, "." * 10)
    b = make_check(at=now + timedelta(seconds=50))
    reporter.run(b, "....", start=70)
    assert monitored(system, now, now + timedelta(seconds=100)) == [(0, 50), (70, 100)]


def test_a_system_of_systems_is_judged_through_them(
    make_check: MakeCheck,
    reporter: Reporter,
    system: MonitoredSystem,
    root: Scope,
    top: OrgUnit,
    now: datetime,
) -> None:
    reporter.run(make_check(), "...")
    whole = make_system(root, top, now, "whole")
    services.define_tree(root, whole.pk, now=now, tree={"all": [{"system": system.code}]})
    empty = make_system(root, top, now, "empty")
    end = now + timedelta(seconds=30)
    found = queries.monitored_of([whole.pk, empty.pk], now, end)
    assert s(now, found[whole.pk]) == [(0, 30)]
    assert found[empty.pk] == []


def test_only_approved_maintenance_is_agreed(
    system: MonitoredSystem, engineer: Person, bureau: Person, now: datetime
) -> None:
    asking, deciding = factories.scope_of(engineer, now), factories.scope_of(bureau, now)
    start, end = now + timedelta(hours=1), now + timedelta(hours=2)
    window = services.request_window(
        asking, now=now, title="升级", reason="回退方案甲", systems=[system.pk], starts_at=start, ends_at=end
    )
    assert queries.agreed_of([system.pk], now, end) == {}
    services.decide_window(deciding, window.pk, now=now, agree=True)
    (agreed,) = queries.agreed_of([system.pk], now, end)[system.pk]
    assert (agreed.interval, agreed.title, agreed.asked_by) == (
        Interval(start, end),
        "升级",
        asking.actor_name,
    )
    assert agreed.decided_by == deciding.actor_name
    assert queries.agreed_of([system.pk], end, end + timedelta(hours=1)) == {}
