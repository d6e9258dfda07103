"""One incident from the watch to the signed report, its clocks exactly as computed by hand.

Monday 2026-06-01 10:00 in China is `now`. Down 10:00:00, detected 10:00:30; the engineer accepts 10:05; back
10:20:00; down again 10:40, detected 10:40:30; line 2 takes over 10:45; waits for the vendor with consent
11:00-15:00; back 15:10; resolved 15:30; report Wednesday 09:00, returned and handed in again by 09:40, signed 10:00.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import CHINA, BadInput, NotFound, NotPermitted, Scope
from taxops.platform.casework import history, queries
from taxops.platform.casework.models import Case
from taxops.platform.notify.models import Notice
from taxops.systems.operations.cases import queries as room
from taxops.systems.operations.cases import services
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Outage
from tests.platform.casework.conftest import Desk


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=CHINA)


def test_from_the_stopped_service_to_the_signed_report(desk: Desk) -> None:
    system = monitoring.create_system(
        Scope.system("样例"), now=at("01 08:00"), code="shouli", name="统一受理", org_id=desk.org.pk
    )

    def down(when: str) -> Outage:
        since = at(when)
        return Outage.objects.create(
            system=system, started_at=since, detected_at=since + timedelta(seconds=30), severity="critical",
            cause="nginx 连接被拒绝", entered_at=since,
        )  # fmt: skip

    def up(outage: Outage, when: str) -> None:
        Outage.objects.filter(pk=outage.pk).update(ended_at=at(when))

    first = down("01 10:00")
    services.catch_up(now=at("01 10:00:31"))
    case = Case.objects.get(type="incident")
    assert Notice.objects.filter(person=desk.ann, severity="critical", title__contains="统一受理").exists()
    desk.take(case, "accept", now=at("01 10:05"))
    up(first, "01 10:20")
    services.catch_up(now=at("01 10:20:30"))
    second = down("01 10:40")
    services.catch_up(now=at("01 10:40:31"))
    desk.take(case, "hand_over", now=at("01 10:45"), why="反复中断，请二线接手")
    vendor = {"wait_reason": "wait_vendor", "wait_evidence": "厂商工单 A-1"}
    with pytest.raises(BadInput, match="局方同意"):
        desk.take(case, "wait", desk.ben, now=at("01 11:00"), **vendor)
    desk.take(case, "wait", desk.ben, now=at("01 11:00"), **vendor, wait_consent="孙处，电话同意")
    desk.take(case, "continue", desk.ben, now=at("01 15:00"))
    up(second, "01 15:10")
    counts = services.catch_up(now=at("01 15:10:30"))
    assert counts["major"] == 1, "the second outage lasted four and a half hours"
    desk.take(
        case, "resolve", desk.ben, now=at("01 15:30"), report_cause="网卡驱动缺陷", responsible="vendor"
    )
    report = {
        "report_what": "全省不能受理", "report_cause": "网卡驱动缺陷", "report_handling": "更换驱动",
        "report_prevention": "纳入版本核对", "misoperation": False,
    }  # fmt: skip
    case = desk.take(case, "report", desk.ben, now=at("03 09:00"), **report)
    assert case.queue == "bureau"
    assert Notice.objects.filter(
        person=desk.boss, title__startswith="转局方", body__contains="提交故障报告"
    ).exists()
    desk.take(case, "return", desk.boss, now=at("03 09:30"), why="请写明升级计划")
    assert Case.objects.get(pk=case.pk).queue == "line2", "back to the line that worked on it"
    case = desk.take(case, "report", desk.ben, now=at("03 09:40"), **report)
    with pytest.raises(NotPermitted):
        desk.take(case, "sign", desk.ben, now=at("03 10:00"))
    case = desk.take(case, "sign", desk.boss, now=at("03 10:00"))
    assert case.phase == "closed"
    paper = room.report_of(desk.scope(desk.ann), case.pk)
    assert [s.name for s in paper.signatures] == [desk.ben.display_name, desk.boss.display_name]
    with pytest.raises(NotFound):
        room.report_of(desk.scope(desk.stranger), case.pk)
    assert history.verify(case) is None

    view = queries.view(desk.scope(desk.ann), case, at("10 00:00"))
    clocks = {c.code: c for c in view.clocks}
    h, m = 3600, 60
    # restore (natural time): 10:00:30-10:20:00 and 10:40:30-15:10:00; cannot pause
    assert clocks["restore"].elapsed_seconds == (19 * m + 30) + (4 * h + 29 * m + 30)
    assert clocks["restore"].breached
    # resolve (07:30-12:00, 14:30-22:00): 10:00:30-11:00 and 15:00-15:30; the wait and lunch do not count
    assert clocks["resolve"].elapsed_seconds == (59 * m + 30) + 30 * m
    assert not clocks["resolve"].breached
    # line 2's inner clock: 10:45-11:00 and 15:00-15:30
    assert clocks["line2"].elapsed_seconds == 15 * m + 30 * m
    # the response: 10:00:30-10:05
    assert clocks["respond"].elapsed_seconds == 4 * m + 30
    # the report: from the day after the last recovery, 2 June 00:00, to 3 June 09:00, all working days; and from
    # its return at 09:30 to 09:40
    assert clocks["report"].elapsed_seconds == 33 * h + 10 * m
    assert not clocks["report"].breached
    assert clocks["report"].state == "stopped"
