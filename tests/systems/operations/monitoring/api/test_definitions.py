"""Systems and checks by API: shapes that stay, errors that name the field, nothing beyond one's area."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db

ALL = ["monitoring.view", "monitoring.edit", "monitoring.run", "monitoring.maintain"]


@pytest.fixture
def caller(top: OrgUnit, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))
    _, text = factories.token(ALL, top)
    return Client(headers={"authorization": f"Bearer {text}"})


def _post(caller: Client, path: str, payload: Any) -> Any:
    return caller.post(f"/api/v1/monitoring/{path}", payload, content_type="application/json")


def test_a_check_lives_its_life_by_api(caller: Client, system: MonitoredSystem) -> None:
    made = _post(
        caller, "checks", {"system_id": system.pk, "name": "受理", "kind": "tcp", "target": "127.0.0.1:9"}
    )
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert caller.get("/api/v1/monitoring/checks").json()["items"][0]["state"] == "pending"
    changed = caller.put(
        f"/api/v1/monitoring/checks/{pk}",
        {"system_id": system.pk, "name": "受理二", "kind": "tcp", "target": "127.0.0.1:9", "version": 1},
        content_type="application/json",
    )
    assert (changed.json()["name"], changed.json()["version"]) == ("受理二", 2)
    assert _post(caller, f"checks/{pk}/disable", {}).json()["state"] == "disabled"
    assert caller.delete(f"/api/v1/monitoring/checks/{pk}").status_code == 204
    assert caller.get("/api/v1/monitoring/checks").json()["count"] == 0


def test_a_bad_condition_is_answered_with_its_column_and_field(
    caller: Client, system: MonitoredSystem
) -> None:
    payload = {
        "system_id": system.pk,
        "name": "x",
        "kind": "http",
        "target": "http://h/",
        "conditions": ["status ="],
    }
    answer = _post(caller, "checks", payload)
    assert answer.status_code == 400
    assert answer.json()["field"] == "conditions.0"
    assert answer.json()["column"] == 8


def test_a_neighbour_sees_nothing(
    caller: Client, make_check: MakeCheck, province: dict[str, OrgUnit], reporter: Reporter
) -> None:
    check = make_check()
    reporter.run(check, "!!!")
    _, text = factories.token(ALL, province["145011"])
    other = Client(headers={"authorization": f"Bearer {text}"})
    for path in ("systems", "checks", "outages", "alerts", "windows"):
        assert other.get(f"/api/v1/monitoring/{path}").json()["count"] == 0, path
    assert other.get(f"/api/v1/monitoring/checks/{check.pk}").status_code == 404
    assert other.delete(f"/api/v1/monitoring/checks/{check.pk}").status_code == 404


def test_results_outages_alerts_and_windows_are_answered(
    caller: Client, make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!!..")
    span = {"start": "2026-06-01 10:00", "end": "2026-06-01 10:30"}
    found = caller.get(f"/api/v1/monitoring/checks/{check.pk}/results", span).json()
    assert [r["code"] for r in found["results"]] == [0, 0, 2, 2, 2, 0, 0]
    outage = caller.get("/api/v1/monitoring/outages", {"check_id": check.pk}).json()["items"][0]
    assert (outage["started_at"], outage["ended_at"]) == ("2026-06-01T02:00:20Z", "2026-06-01T02:00:50Z")
    alert = caller.get("/api/v1/monitoring/alerts").json()["items"][0]
    assert alert["state"] == "resolved"
    window = _post(
        caller,
        "windows",
        {
            "title": "升级",
            "reason": "升级",
            "systems": [system.pk],
            "starts_at": "2026-06-02 22:00",
            "ends_at": "2026-06-02 23:00",
        },
    )
    assert window.status_code == 201, window.content
    decided = _post(caller, f"windows/{window.json()['id']}/decision", {"agree": True})
    assert decided.status_code == 403  # never one's own
    assert (
        caller.get(f"/api/v1/monitoring/checks/{check.pk}/results", {"start": "x", "end": "y"}).status_code
        == 400
    )
