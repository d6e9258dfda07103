"""A change's window opens with its approval, in the approver's name, and goes when the approval is taken back."""

from __future__ import annotations

from datetime import timedelta

from taxops.engines.base import Scope
from taxops.platform.casework.models import Case
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MaintenanceWindow
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
