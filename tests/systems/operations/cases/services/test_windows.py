"""A change's window opens with its approval, in the approver's name, and goes when the approval is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Interval, Scope
from taxops.platform.casework.models import Case
from taxops.systems.operations.availability import queries as availability
from taxops.systems.operations.availability import telling
from taxops.systems.operations.cases import services
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MaintenanceWindow, MonitoredSystem, Outage
from tests.platform.casework.conftest import Desk

SYSTEM = Scope.system("样例")


def planned(desk: Desk, system: str, *, outage: bool = True) -> Case:
    case = desk.opened(
        type_code="change",
        form={
            "title": "升级受理服务", "description": "补丁", "kind": "patch", "system": system,
              "requester": "李四",
        },
    )  # fmt: skip
    start = int((desk.now + timedelta(hours=1)).timestamp())
    return desk.take(
        case, "plan", plan_steps="停服务、换包、起服务", plan_rollback="换回旧包", plan_impact="十分钟不能受理",
        estimate_min=30, window_start=start, window_end=start + 3600, outage=outage,
    )  # fmt: skip


def test_asked_for_is_not_enough_and_approval_opens_it(desk: Desk) -> None:
    monitoring.create_system(SYSTEM, now=desk.now, code="shouli", name="统一受理", org_id=desk.org.pk)
    case = planned(desk, "shouli")
    assert not MaintenanceWindow.objects.exists()
    case = desk.take(case, "approve", desk.boss)
    window = MaintenanceWindow.objects.get()
    assert (window.state, window.decided_by_id, window.requested_by_id) == (
        "approved",
        desk.boss.pk,
        desk.ann.pk,
    )
    case.refresh_from_db()
    assert case.data["window"] == window.pk
    desk.take(case, "replan", desk.boss, why="改期")
    window.refresh_from_db()
    assert window.state == "cancelled"


def test_what_stops_nothing_or_is_not_watched_opens_none(desk: Desk) -> None:
    desk.take(planned(desk, "unknown"), "approve", desk.boss)
    monitoring.create_system(SYSTEM, now=desk.now, code="shouli", name="统一受理", org_id=desk.org.pk)
    desk.take(planned(desk, "shouli", outage=False), "approve", desk.boss)
    assert not MaintenanceWindow.objects.exists()


MIN = timedelta(minutes=1)
CHECKED = {"function_check": ["login", "core", "interface", "logs"]}


def working(desk: Desk) -> tuple[Case, MonitoredSystem]:
    """Return a change that is being carried out, ten minutes into its window of an hour, its system down for five."""
    system = monitoring.create_system(
        SYSTEM, now=desk.now, code="shouli", name="统一受理", org_id=desk.org.pk
    )
    case = desk.take(planned(desk, "shouli"), "approve", desk.boss)
    begins = desk.now + 60 * MIN
    case = desk.take(
        case,
        "start",
        desk.ben,
        now=begins,
        precheck=["backup", "tested", "people", "notice"],
        version_before="V1",
    )
    down(system, begins + 5 * MIN)
    return case, system


def down(system: MonitoredSystem, since: datetime, until: datetime | None = None) -> Outage:
    return Outage.objects.create(
        system=system, started_at=since, ended_at=until, detected_at=since, severity="major", cause="停服务",
        entered_at=since,
    )  # fmt: skip


def counted(system: MonitoredSystem, now: datetime) -> tuple[float, float]:
    """Return what the year counts as downtime and what it leaves out, in minutes."""
    found = availability.standing_of(SYSTEM, now, system.pk).reckoning
    return found.figures.downtime_s / 60, found.excluded_s / 60


def test_a_roll_back_ends_the_window_and_what_follows_counts(desk: Desk) -> None:
    case, system = working(desk)
    begins, later = desk.now + 60 * MIN, desk.now + 120 * MIN
    Outage.objects.update(ended_at=begins + 45 * MIN)
    assert counted(system, later) == (0, 40), "the whole outage lies in the window"
    told: list[Interval] = []
    telling.listen(listener := lambda interval, _now: told.append(interval))
    try:
        case = desk.take(
            case,
            "roll_back",
            desk.ben,
            now=begins + 40 * MIN,
            at=begins + 20 * MIN,
            result="新包起不来",
            why="换回旧包",
        )
    finally:
        telling._listeners.remove(listener)
    window = MaintenanceWindow.objects.get()
    assert (window.state, window.ends_at) == ("approved", begins + 20 * MIN)
    assert counted(system, later) == (25, 15), "from the roll-back on it is nobody's maintenance"
    assert told == [Interval(begins + 20 * MIN, begins + 40 * MIN)], "papers of that time are looked at anew"
    assert services.catch_up(now=begins + 41 * MIN)["opened"] == 1, "the outage went on: an incident"
    assert Case.objects.get(type="incident").opened_at == begins + 20 * MIN
    assert case.state == "rolled_back"


def test_work_that_is_done_early_ends_the_window(desk: Desk) -> None:
    case, system = working(desk)
    begins = desk.now + 60 * MIN
    Outage.objects.update(ended_at=begins + 10 * MIN)
    case = desk.take(case, "done", desk.ben, now=begins + 12 * MIN, result="完成", version_after="V2")
    assert MaintenanceWindow.objects.get().ends_at == begins + 60 * MIN, "the check belongs to the work"
    until = int((begins + 600 * MIN).timestamp())
    case = desk.take(case, "check", desk.ann, now=begins + 15 * MIN, track_until=until, **CHECKED)
    assert MaintenanceWindow.objects.get().ends_at == begins + 15 * MIN
    down(system, begins + 30 * MIN, begins + 40 * MIN)
    assert counted(system, begins + 60 * MIN) == (10, 5), "an outage afterwards is not excused"
    desk.take(case, "roll_back", desk.ben, now=begins + 50 * MIN, result="有新问题", why="换回旧包")
    assert MaintenanceWindow.objects.get().ends_at == begins + 15 * MIN, "what is over stays over"


def test_work_that_lasts_longer_than_its_window_leaves_it_as_it_was(desk: Desk) -> None:
    case, system = working(desk)
    begins = desk.now + 60 * MIN
    Outage.objects.update(ended_at=begins + 70 * MIN)
    desk.take(case, "roll_back", desk.ben, now=begins + 75 * MIN, result="超时", why="换回旧包")
    assert MaintenanceWindow.objects.get().ends_at == begins + 60 * MIN
    assert counted(system, begins + 80 * MIN) == (10, 55)


@pytest.mark.same_everywhere
def test_a_stop_that_is_done_ends_its_window(desk: Desk) -> None:
    monitoring.create_system(SYSTEM, now=desk.now, code="shouli", name="统一受理", org_id=desk.org.pk)
    begins = desk.now + 60 * MIN
    start = int(begins.timestamp())
    case = desk.opened(
        type_code="outage_request",
        form={
            "title": "换盘", "description": "坏盘", "system": "shouli", "scope": "全部", "work_plan": "停机换盘",
            "window_start": start, "window_end": start + 3600,
        },
    )  # fmt: skip
    desk.take(case, "approve", desk.boss)
    desk.take(case, "start", desk.ann, now=begins + MIN)
    desk.take(case, "done", desk.ann, now=begins + 21 * MIN, result="已换")
    assert MaintenanceWindow.objects.get().ends_at == begins + 21 * MIN
