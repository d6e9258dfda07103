"""The detail page: facts, tabs with their own address, history from the audit log."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from taxops.platform.audit import services as audit
from taxops.platform.identity.models import OrgUnit
from tests import factories

pytestmark = pytest.mark.django_db


def test_tab_has_its_own_address_and_comes_alone_when_asked(
    client: Client, units: dict[str, OrgUnit]
) -> None:
    url = f"/kit/list/{units['145010'].pk}/"
    whole = client.get(url, {"tab": "below"}).content.decode()
    assert "<h1>南江市税务局" in whole
    assert "县局145011" in whole
    part = client.get(
        url, {"tab": "below"}, headers={"HX-Request": "true", "HX-Target": "tab"}
    ).content.decode()
    assert "<h1>" not in part
    assert "县局145011" in part
    assert "申报接口响应时间" in client.get(url, {"tab": "no-such"}).content.decode(), "the first tab instead"


def test_history_tells_who_changed_what_when(
    client: Client, units: dict[str, OrgUnit], now: datetime
) -> None:
    unit = units["145010"]
    scope = factories.scope_of(factories.person("li", unit, display_name="李梅"), now)
    audit.record(
        scope,
        now=now,
        action="org.edit",
        kind="org",
        object_id=unit.pk,
        label=unit.name,
        before={"name": "旧名", "valid_to": None},
        after={"name": "南江市税务局", "valid_to": None},
    )
    text = client.get(f"/kit/list/{unit.pk}/", {"tab": "history"}).content.decode()
    assert "<strong>李梅</strong> 修改" in text
    assert '<th scope="row">机构名称</th><td><del>旧名</del></td>' in text
    assert "06-01 10:00" in text


def test_what_is_not_there_is_404_in_chinese(client: Client) -> None:
    answer = client.get("/kit/list/987654321/")
    assert answer.status_code == 404
    assert "没有找到这个详情样例" in answer.content.decode()


def test_breadcrumbs_lead_back_up(client: Client, units: dict[str, OrgUnit]) -> None:
    text = client.get(f"/kit/list/{units['145010'].pk}/").content.decode()
    assert '<a href="/kit/list/">列表样例</a>' in text
    assert '<li aria-current="page"><span>南江市税务局</span></li>' in text
