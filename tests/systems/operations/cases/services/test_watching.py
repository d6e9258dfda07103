"""Outages become incidents: opened or joined once, restored by their end, excused only by approved windows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.engines.worktime import State
from taxops.platform.casework import queries
from taxops.platform.casework.models import Case
from taxops.systems.operations.cases import services
from taxops.systems.operations.cases.models import OutageCase
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MonitoredSystem, Outage
from tests.platform.casework.conftest import Desk

SYSTEM = Scope.system("样例")
M = timedelta(minutes=1)


@pytest.fixture
def system(desk: Desk) -> MonitoredSystem:
    made = monitoring.create_system(
        SYSTEM, now=desk.now - timedelta(days=1), code="shouli", name="统一受理", org_id=desk.org.pk
    )
    MonitoredSystem.objects.filter(pk=made.pk).update(severity="critical")
    made.refresh_from_db()
    return made


def down(system: MonitoredSystem, since: datetime, until: datetime | None = None) -> Outage:
    return Outage.objects.create(
        system=system, started_at=since, ended_at=until, detected_at=since + timedelta(seconds=30),
        severity="critical", cause="连接被拒绝 @ 10.0.0.1", entered_at=since + timedelta(seconds=30),
    )  # fmt: skip


def up(outage: Outage, at: datetime) -> None:
    outage.ended_at = at
    outage.save()


def restore_clock(desk: Desk, case: Case, now: datetime) -> tuple[str, int, bool]:
    view = queries.view(desk.scope(desk.ann), Case.objects.select_related("org").get(pk=case.pk), now)
    clock = next(c for c in view.clocks if c.code == "restore")
    return clock.state.value, clock.elapsed_seconds, clock.breached


def test_an_outage_opens_one_incident_whose_clock_starts_with_the_detection(
    desk: Desk, system: MonitoredSystem
) -> None:
    outage = down(system, desk.now)
    later = desk.now + M
    assert services.catch_up(now=later)["opened"] == 1
    assert services.catch_up(now=later)["opened"] == 0
    case = Case.objects.get()
    assert (case.type, case.level, case.channel, case.system) == ("incident", "L1", "monitoring", "shouli")
    assert case.opened_at == outage.detected_at
    assert restore_clock(desk, case, outage.detected_at + 5 * M) == (State.RUNNING, 300, False)


def test_its_end_stops_the_thirty_minutes(desk: Desk, system: MonitoredSystem) -> None:
    outage = down(system, desk.now)
    services.catch_up(now=desk.now + M)
    up(outage, desk.now + 20 * M)
    assert services.catch_up(now=desk.now + 21 * M)["ended"] == 1
    case = Case.objects.get(type="incident")
    assert case.state == "restored"
    assert restore_clock(desk, case, desk.now + 60 * M) == (State.STOPPED, 20 * 60 - 30, False)
    assert not Case.objects.filter(type="major").exists()


def test_an_outage_that_came_and_went_unseen_is_not_lost(desk: Desk, system: MonitoredSystem) -> None:
    down(system, desk.now, desk.now + 5 * M)
    counts = services.catch_up(now=desk.now + timedelta(hours=3))
    assert (counts["opened"], counts["ended"]) == (1, 1)
    assert Case.objects.get().state == "restored"


def test_a_second_outage_joins_and_both_must_end(desk: Desk, system: MonitoredSystem) -> None:
    first = down(system, desk.now)
    services.catch_up(now=desk.now + M)
    up(first, desk.now + 5 * M)
    services.catch_up(now=desk.now + 6 * M)
    second = down(system, desk.now + 10 * M)
    services.catch_up(now=desk.now + 11 * M)
    case = Case.objects.get()
    assert case.state == "working"
    assert OutageCase.objects.filter(case=case).count() == 2
    assert restore_clock(desk, case, desk.now + 12 * M)[0] == State.RUNNING
    up(second, desk.now + 20 * M)
    services.catch_up(now=desk.now + 21 * M)
    assert Case.objects.get().state == "restored"


def test_thirty_minutes_propose_a_major_matter_once(desk: Desk, system: MonitoredSystem) -> None:
    down(system, desk.now)
    services.catch_up(now=desk.now + M)
    assert services.catch_up(now=desk.now + 30 * M - timedelta(seconds=1))["major"] == 0
    assert services.catch_up(now=desk.now + 30 * M)["major"] == 1
    assert services.catch_up(now=desk.now + 31 * M)["major"] == 0
    major = Case.objects.get(type="major")
    assert (major.state, major.data["ground"]) == ("proposed", "stopped")
    assert major.opened_at == desk.now + 30 * M
    [(word, other)] = queries.links(desk.scope(desk.ann), major)
    assert (word, other.type) == ("属于", "incident")


def test_only_an_approved_window_excuses(desk: Desk, system: MonitoredSystem) -> None:
    window = monitoring.request_window(
        SYSTEM, now=desk.now - M, title="升级", reason="升级", systems=[system.pk],
        starts_at=desk.now - M, ends_at=desk.now + 60 * M,
    )  # fmt: skip
    outage = down(system, desk.now)
    assert services.catch_up(now=desk.now + M)["opened"] == 1
    Outage.objects.filter(pk=outage.pk).update(ended_at=desk.now + 2 * M)
    services.catch_up(now=desk.now + 3 * M)
    monitoring.decide_window(SYSTEM, window.pk, now=desk.now + 4 * M, agree=True)
    second = down(system, desk.now + 10 * M)
    assert services.catch_up(now=desk.now + 45 * M)["opened"] == 0
    assert Case.objects.filter(type="major").count() == 0
    # it outlasts its window: from then on it counts
    counts = services.catch_up(now=desk.now + 61 * M)
    assert (counts["opened"], counts["major"]) == (1, 0)
    assert services.catch_up(now=desk.now + 90 * M)["major"] == 1
    assert OutageCase.objects.get(outage=second).case.state == "working"


def test_a_withdrawn_outage_is_said_and_left_to_people(desk: Desk, system: MonitoredSystem) -> None:
    outage = down(system, desk.now)
    services.catch_up(now=desk.now + M)
    Outage.objects.filter(pk=outage.pk).update(withdrawn_at=desk.now + 2 * M, withdrawn_why="迟到结果")
    assert services.catch_up(now=desk.now + 3 * M)["ended"] == 1
    case = Case.objects.get()
    assert case.state == "new"
    view = queries.view(desk.scope(desk.ann), case, desk.now + 3 * M)
    assert "不成立" in queries.comments(view.events)[0]["text"]


def test_a_late_look_opens_it_for_when_it_became_major(desk: Desk, system: MonitoredSystem) -> None:
    down(system, desk.now)
    assert services.catch_up(now=desk.now + 50 * M)["opened"] == 1
    services.catch_up(now=desk.now + 51 * M)
    assert Case.objects.get(type="major").opened_at == desk.now + 30 * M
