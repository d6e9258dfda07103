"""Cases are opened once, numbered, queued, told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted
from taxops.platform.audit.models import AuditEntry
from taxops.platform.casework import history, services
from taxops.platform.casework.models import Case, CaseEvent, TypeVersion
from taxops.platform.notify.models import Notice
from tests.platform.casework.conftest import Desk


def test_a_case_is_numbered_queued_and_told(desk: Desk) -> None:
    case = desk.opened(desk.officer)
    second = desk.opened(desk.officer)
    assert (case.number, second.number) == ("QQ20260601-0001", "QQ20260601-0002")
    assert (case.queue, case.state, case.phase, case.version) == ("line1", "new", "open", 1)
    assert case.due_label == "响应时限"
    assert case.due_at == desk.now + timedelta(minutes=10)
    assert {n.person_id for n in Notice.objects.filter(key=f"case-{case.pk}-open")} == {
        desk.ann.pk,
        desk.ben.pk,
    }
    assert AuditEntry.objects.filter(action="case.open", object_id=str(case.pk)).count() == 1
    assert TypeVersion.objects.filter(digest=case.policy).exists()
    assert history.verify(case) is None


def test_a_key_opens_once(desk: Desk) -> None:
    case = desk.opened(key="form-1")
    assert desk.opened(key="form-1").pk == case.pk
    assert Case.objects.count() == 1


def test_a_late_entry_keeps_both_times(desk: Desk) -> None:
    case = desk.opened(at=desk.now - timedelta(hours=1))
    event = CaseEvent.objects.get(case=case)
    assert (event.at, event.entered_at) == (desk.now - timedelta(hours=1), desk.now)
    assert case.breached, "the ten minutes of the telephone were over when it was written down"


def test_bad_input_stores_nothing(desk: Desk) -> None:
    with pytest.raises(BadInput) as error:
        desk.opened(form={"title": ""})
    assert error.value.field == "title"
    with pytest.raises(BadInput):
        desk.opened(form={"level": "L9"})
    with pytest.raises(BadInput):
        desk.opened(at=desk.now + timedelta(days=1))
    with pytest.raises(NotPermitted):
        desk.opened(desk.stranger)
    with pytest.raises(NotFound):
        desk.opened(type_code="dream")
    with pytest.raises(BadInput):
        desk.opened(org_id=999999)
    assert not Case.objects.exists()
    assert not CaseEvent.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_calendar_without_next_year_does_not_stop_a_case(desk: Desk) -> None:
    late = desk.now.replace(month=12, day=30)
    case = services.open_new(
        desk.scope(desk.ann), now=late, type_code="incident", org_id=desk.org.pk,
        data={"title": "宕机", "requester": "监控", "channel": "monitoring", "level": "L1"},
    )  # fmt: skip
    case = desk.take(case, "restore", now=late + timedelta(minutes=5), how_restored="重启")
    report = case.clocks.get(code="report")
    assert "2027" in report.problem
    assert report.deadline is None
