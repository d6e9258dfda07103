"""Escalation: at parts of the working time, once, held outside hours unless urgent; rebuilding."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import CHINA, Scope
from taxops.platform.casework import history, services
from taxops.platform.casework.models import Case, CaseClock, CaseEscalation, CaseEvent
from taxops.platform.notify.models import Notice
from tests.platform.casework.conftest import Desk, unguarded


def told(case: Case) -> list[tuple[str, int]]:
    return list(CaseEscalation.objects.filter(case=case).order_by("id").values_list("clock", "percent"))


def test_rungs_are_told_once_and_in_turn(desk: Desk) -> None:
    case = desk.opened()
    assert services.escalate(now=desk.now + timedelta(minutes=4)) == 0
    assert services.escalate(now=desk.now + timedelta(minutes=5)) == 1
    assert services.escalate(now=desk.now + timedelta(minutes=5)) == 0
    assert told(case) == [("respond", 50)]
    assert services.escalate(now=desk.now + timedelta(minutes=11)) == 2
    assert told(case) == [("respond", 50), ("respond", 80), ("respond", 100)]
    assert Notice.objects.filter(person=desk.boss, severity="critical").count() == 1


def test_a_stopped_clock_tells_nobody(desk: Desk) -> None:
    case = desk.opened()
    desk.take(case, "accept", now=desk.now + timedelta(minutes=1))
    assert services.escalate(now=desk.now + timedelta(minutes=20)) == 0


def test_by_night_only_the_urgent_is_told(desk: Desk) -> None:
    night = datetime(2026, 6, 1, 23, 0, tzinfo=CHINA)
    calm = desk.opened(now=night)
    form = {"title": "宕机", "requester": "监控", "channel": "monitoring", "level": "L1"}
    urgent = services.open_new(
        desk.scope(desk.ann), now=night, type_code="incident", org_id=desk.org.pk, data=form
    )
    services.escalate(now=night + timedelta(minutes=16))
    assert told(calm) == []
    assert ("restore", 50) in told(urgent)
    services.escalate(now=datetime(2026, 6, 2, 7, 30, tzinfo=CHINA))
    assert ("respond", 50) in told(calm)


def test_an_incident_that_nobody_takes_goes_to_the_next_person(desk: Desk) -> None:
    form = {"title": "宕机", "requester": "监控", "channel": "monitoring", "level": "L1"}
    case = services.open_new(
        Scope.system("监控"), now=desk.now, type_code="incident", org_id=desk.org.pk, data=form
    )
    services.escalate(now=desk.now + timedelta(minutes=4, seconds=59))
    assert ("acknowledge", 100) not in told(case)
    services.escalate(now=desk.now + timedelta(minutes=5))
    assert ("acknowledge", 100) in told(case)
    notice = Notice.objects.get(title__contains="5 分钟无人接手")
    where = f"/operations/cases/{case.pk}/"
    assert (notice.person, notice.severity, notice.link) == (desk.ben, "critical", where)
    assert not Case.objects.get(pk=case.pk).breached, "an agreement among ourselves, not the contract's limit"
    later = desk.now + timedelta(minutes=6)
    services.assign(desk.scope(desk.ben), now=later, case_id=case.pk, to=desk.ben.pk, reason="二线先看")
    services.escalate(now=desk.now + timedelta(minutes=16))
    assert [percent for clock, percent in told(case) if clock == "acknowledge"] == [100]


@pytest.mark.same_everywhere
def test_everything_cached_can_be_thrown_away(desk: Desk) -> None:
    case = desk.take(desk.opened(desk.officer), "accept")
    case = desk.take(
        case, "wait", wait_reason="wait_requester", wait_evidence="电话", now=desk.now + timedelta(minutes=5)
    )
    later = desk.now + timedelta(minutes=5)
    kept = Case.objects.filter(pk=case.pk).values().get()
    Case.objects.filter(pk=case.pk).update(
        state="x",
        phase="closed",
        title="",
        data={},
        due_at=None,
        version=0,
        queue="",
        assignee=None,
        breached=True,
    )
    CaseClock.objects.filter(case=case).delete()
    services.rebuild(case.pk, now=later)
    assert Case.objects.filter(pk=case.pk).values().get() == kept
    assert CaseClock.objects.filter(case=case).count() == 3


@pytest.mark.same_everywhere
def test_a_changed_line_shows(desk: Desk) -> None:
    case = desk.take(desk.opened(), "accept")
    with unguarded():
        CaseEvent.objects.filter(case=case, seq=1).update(actor_name="别人")
    broken = history.verify(case)
    assert broken is not None
    assert broken.seq == 1
