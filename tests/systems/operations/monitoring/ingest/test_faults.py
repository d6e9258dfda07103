"""A fault of the platform's own costs no result: notices may fail, batches are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Unavailable
from taxops.platform.identity.models import Person
from taxops.systems.operations.alerting import services as alerts
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.monitoring.ingest import reporting
from taxops.systems.operations.monitoring.models import BatchReceipt, Outage, RawResult
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db


def _fails(*_args: object, **_fields: object) -> None:
    raise BadInput("没有名为「某级」的通知级别。")


def test_a_notice_that_cannot_be_made_stops_no_result(
    make_check: MakeCheck,
    reporter: Reporter,
    engineer: Person,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("taxops.platform.notify.services.tell", _fails)
    check = make_check()
    reporter.run(check, "..!!!!")
    assert Outage.objects.filter(check_row=check, ended_at=None).count() == 1
    assert Alert.objects.filter(outage__check_row=check).count() == 1
    alerts.turn_quietly(now + timedelta(minutes=2))


def test_a_fault_while_taking_in_leaves_nothing_and_asks_to_try_again(
    make_check: MakeCheck, reporter: Reporter, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = make_check()
    with monkeypatch.context() as broken:
        broken.setattr(reporting, "announce", _fails)
        with pytest.raises(Unavailable, match="暂时不能接收") as caught:
            reporter.run(check, "..!!!!")
    assert caught.value.status == 503
    assert RawResult.objects.count() == 0
    assert BatchReceipt.objects.count() == 0
