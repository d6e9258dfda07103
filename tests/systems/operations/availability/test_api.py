"""Availability by API: the arithmetic, exclusions of two people, nothing beyond one's area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.availability.models import Exclusion
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.systems.operations.availability.conftest import down

pytestmark = pytest.mark.django_db
BASE = "/api/v1/availability"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """Let every request be made half a day later."""
    moment = now + timedelta(hours=12)
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: moment))
    return moment


def caller(org: OrgUnit, *permissions: str) -> Client:
    """Return a client with a token of these permissions."""
    _, text = factories.token(["monitoring.view", *permissions], org)
    return Client(headers={"authorization": f"Bearer {text}"})


def post(client: Client, path: str, **payload: Any) -> Any:
    return client.post(f"{BASE}/{path}", payload, content_type="application/json")


def test_a_year_explains_itself_and_an_exclusion_takes_two(
    top: OrgUnit, system: MonitoredSystem, now: datetime, at: datetime
) -> None:
    start = now + timedelta(hours=1)
    down(system, start, timedelta(minutes=10))
    asks, decides = caller(top, "availability.exclude"), caller(top, "availability.approve")
    (line,) = asks.get(f"{BASE}/systems").json()["items"]
    assert system.code in line.values()
    before = asks.get(f"{BASE}/systems/{system.code}").json()
    assert any("10 分" in text for text in before["explanation"])
    wanted = {
        "system_id": system.pk, "kind": "upstream", "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=4)).isoformat(), "reason": "总局统一升级", "evidence": "税总办函",
    }  # fmt: skip
    made = post(asks, "exclusions", **wanted)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert post(asks, f"exclusions/{pk}/decision", agree=True, note="").status_code == 403
    waits = asks.get(f"{BASE}/systems/{system.code}").json()
    assert waits["availability"] == before["availability"], "asked for is not agreed"
    assert post(decides, f"exclusions/{pk}/decision", agree=True, note="属实").status_code == 200
    after = asks.get(f"{BASE}/systems/{system.code}").json()
    assert after["availability"] > before["availability"]
    assert any("总局统一升级" in str(part) for part in after.values())
    assert asks.get(f"{BASE}/exclusions?state=approved").json()["count"] == 1
    assert asks.get(f"{BASE}/exclusions?state=requested").json()["count"] == 0


def test_bad_instants_name_their_field_and_store_nothing(
    top: OrgUnit, system: MonitoredSystem, at: datetime
) -> None:
    answer = post(
        caller(top, "availability.exclude"), "exclusions", system_id=system.pk, kind="upstream",
        starts_at="昨天", ends_at=at.isoformat(), reason="x", evidence="y",
    )  # fmt: skip
    assert answer.status_code == 400
    assert "starts_at" in answer.content.decode()
    assert not Exclusion.objects.exists()


def test_strangers_and_neighbours_see_nothing(
    system: MonitoredSystem, province: dict[str, OrgUnit], at: datetime
) -> None:
    neighbour = caller(next(o for o in province.values() if not system.org.path.startswith(o.path)))
    assert neighbour.get(f"{BASE}/systems").json()["items"] == []
    assert neighbour.get(f"{BASE}/systems/{system.code}").status_code == 404
    assert neighbour.get(f"{BASE}/exclusions").json()["count"] == 0
    assert Client().get(f"{BASE}/systems").status_code in {401, 403}
