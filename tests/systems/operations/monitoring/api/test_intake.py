"""What probers and jobs call over HTTP, as they call it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.engines.base import to_millis
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring.models import Outage, Prober, RawResult
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Any:
    def at(instant: datetime) -> None:
        monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: instant))

    at(now)
    return at


@pytest.fixture
def prober(top: OrgUnit, clock: Any) -> Client:
    _, text = factories.token(["probers.report"], top)
    return Client(headers={"authorization": f"Bearer {text}"})


def _report(prober: Client, rows: list[Any], seq: int = 1) -> Any:
    body = json.dumps({"boot": "b", "seq": seq, "sent_at_ms": 1, "self": {"checks": 1}, "results": rows})
    return prober.post("/api/v1/probers/results", body, content_type="application/json")


def test_a_prober_asks_reports_and_is_seen(prober: Client, make_check: MakeCheck, now: datetime) -> None:
    check = make_check()
    told = prober.get("/api/v1/probers/assignments").json()
    assert [c["id"] for c in told["checks"]] == [check.pk]
    assert prober.get("/api/v1/probers/assignments", {"etag": told["version"]}).status_code == 304
    at = to_millis(now)
    rows = [[check.pk, 1, at - 20_000 + 1000 * i, 2, 900, 0, "连接被拒绝", None, None] for i in range(3)]
    assert _report(prober, rows).json() == {"accepted": 3, "duplicate": False, "refused": 0}
    assert _report(prober, rows).json() == {"accepted": 3, "duplicate": True, "refused": 0}
    assert Outage.objects.filter(check_row=check).count() == 1
    assert Prober.objects.get().vitals == {"checks": 1}


def test_what_is_no_batch_is_answered_in_chinese_and_stored_nowhere(
    prober: Client, make_check: MakeCheck
) -> None:
    make_check()
    for body in ("", "[]", "{", '{"boot": 1}', '{"boot":"b","seq":1,"results":[[1]]}', "\xff"):
        answer = prober.post("/api/v1/probers/results", body, content_type="application/json")
        assert answer.status_code == 400, body
        assert answer.json()["what"]
    assert RawResult.objects.count() == 0


def test_only_a_token_that_may_report_reports(top: OrgUnit, clock: Any) -> None:
    _, text = factories.token(["monitoring.view"], top)
    other = Client(headers={"authorization": f"Bearer {text}"})
    assert other.get("/api/v1/probers/assignments").status_code == 403
    assert Client().get("/api/v1/probers/assignments").status_code == 401


def test_a_session_is_no_prober(top: OrgUnit, clock: Any, now: datetime) -> None:
    client = Client()
    factories.sign_in(client, factories.person("p", top, permissions=["probers.report"]), now)
    assert client.get("/api/v1/probers/assignments").status_code == 403


def test_a_job_pings_by_its_address_alone(make_check: MakeCheck, clock: Any, now: datetime) -> None:
    job = make_check(kind="heartbeat", target="夜间", params={"every_s": 60, "grace_s": 30})
    anyone = Client()
    assert anyone.get(f"/api/v1/heartbeats/{job.heartbeat_key}").status_code == 200
    assert (
        anyone.post(
            f"/api/v1/heartbeats/{job.heartbeat_key}/fail", "磁盘满", content_type="text/plain"
        ).status_code
        == 200
    )
    assert Outage.objects.filter(check_row=job, ended_at=None).exists()
    assert anyone.get("/api/v1/heartbeats/nonsense").status_code == 404
    assert anyone.get(f"/api/v1/heartbeats/{job.heartbeat_key}/sideways").status_code == 400


def test_an_overdue_job_is_judged_by_the_next_call_of_a_prober(
    prober: Client, make_check: MakeCheck, clock: Any, now: datetime
) -> None:
    job = make_check(kind="heartbeat", target="夜间", params={"every_s": 60, "grace_s": 30})
    Client().get(f"/api/v1/heartbeats/{job.heartbeat_key}")
    clock(now + timedelta(seconds=91))
    _report(prober, [])
    assert Outage.objects.get(check_row=job).started_at == now + timedelta(seconds=90)
