"""The calendar: recurring maintenance computed, silences beside it, by month and by week, within the scope."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from taxops.engines.base import Scope
from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories

pytestmark = pytest.mark.django_db
URL = "/operations/windows/calendar/"
ROOT = Scope.system("测试", via="cli")


@pytest.fixture
def client(
    province: dict[str, OrgUnit], system: MonitoredSystem, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Client:
    """Return the browser of somebody at the province, before weekly patches and a silence that was ended early."""
    top = province["145000"]
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: now))
    rule = services.request_rule(
        ROOT, now=now, title="每周补丁", reason="安装补丁", systems=[system.pk],
        repeat={"kind": "weekly", "weekdays": [3], "start": "23:00", "minutes": 120},
        valid_from=now - timedelta(days=30), valid_to=now + timedelta(days=60),
    )  # fmt: skip
    services.decide_rule(Scope.system("局方", via="cli"), rule.pk, now=now, agree=True)
    silence = alerting.silence(
        ROOT, now=now, org_id=top.pk, matchers=["system=fpcy"], starts_at=now, ends_at=now + timedelta(days=5),
        reason="更换交换机",
    )  # fmt: skip
    alerting.end_silence(ROOT, silence.pk, now=now + timedelta(hours=3))
    browser = Client()
    factories.sign_in(browser, factories.person("li", top, permissions=["monitoring.view"]), now)
    return browser


def test_a_month_shows_each_computed_time_and_the_silence_until_it_was_ended(client: Client) -> None:
    weeks = client.get(f"{URL}?month=2026-06").context["weeks"]
    shown = [
        (cell["day"].isoformat(), at, entry.title)
        for week in weeks
        for cell in week
        for entry, at in cell["entries"]
    ]
    patches = [(day, at) for day, at, title in shown if title == "每周补丁"]
    assert ("2026-06-03", "23:00") in patches
    assert ("2026-06-04", "续") in patches
    assert len([1 for day, at in patches if at == "23:00" and day.startswith("2026-06")]) == 4
    assert [day for day, _, title in shown if title == "静默：更换交换机"] == ["2026-06-01"]


def test_a_week_draws_them_by_the_hour(client: Client) -> None:
    answer = client.get(f"{URL}?week=2026-06-05")
    text = answer.content.decode()
    assert answer.context["heading"] == "2026-06-01 至 06-07"
    assert [(block.entry.title, block.words[:2]) for block in answer.context["blocks"]] == [
        ("静默：更换交换机", "10"), ("每周补丁", "23"), ("每周补丁", "续 "),
    ]  # fmt: skip
    assert "mon-week-now" in text
    assert "mon-week-now" not in client.get(f"{URL}?week=2026-06-12").content.decode()
    assert "没有维护，也没有静默" in client.get(f"{URL}?week=2027-06-12").content.decode()


@pytest.mark.parametrize("query", ["?week=zz", "?month=2026-13", "?week=0001-01-01", "?month=9999-12"])
def test_a_day_that_is_none_is_said_so(client: Client, query: str) -> None:
    answer = client.get(URL + query)
    assert answer.status_code == 400
    assert "日期不正确" in answer.content.decode()


def test_neighbours_see_nothing_of_it(client: Client, province: dict[str, OrgUnit], now: datetime) -> None:
    neighbour = Client()
    factories.sign_in(
        neighbour, factories.person("wu", province["145020"], permissions=["monitoring.view"]), now
    )
    assert neighbour.get(f"{URL}?month=2026-06").context["count"] == 0
