"""The inbox as people keep it open: folded, unfolded by its address, and acted on group by group."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from taxops.platform.identity.middleware import IdentityMiddleware
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import Alert, AlertSilence
from tests import factories
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db
URL = "/operations/alerts/"


@pytest.fixture
def client(top: OrgUnit, engineer: Person, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return the engineer's browser, in front of a group of three and two alerts alone, one of them over."""
    services.ensure_defaults(now=now)
    line = Timeline(now, top)
    for name, severity in (("甲一", "minor"), ("甲二", "critical"), ("甲三", "major")):
        line.push(name, severity=severity, labels={"system": "a"})
    line.push("乙一", labels={"system": "b"})
    line.end(line.push("丙一", labels={"system": "c"}))
    line.run(40)
    moment = line.now()
    monkeypatch.setattr(IdentityMiddleware, "clock", staticmethod(lambda: moment))
    browser = Client()
    factories.sign_in(browser, engineer, now)
    return browser


def rows(client: Client, query: str = "") -> list[str]:
    """Return the keys of the rows shown, in order, an inner one marked."""
    answer = client.get(URL + query)
    sheet = answer.context["sheet"]
    names = {str(alert.pk): alert.title for alert in Alert.objects.all()}
    return [
        ("+" if line.inner else "") + str(line.pk)[:1].replace("g", "*").strip("0123456789")
        + names[str(line.pk).removeprefix("g")]
        for line in sheet.lines
    ]  # fmt: skip


def test_open_ones_are_folded_the_gravest_first_and_those_over_are_left_out(client: Client) -> None:
    assert rows(client) == ["*甲二", "乙一"]
    assert rows(client, "?severity=minor") == ["甲一"]
    assert set(rows(client, "?state=all")) == {"甲一", "甲二", "甲三", "乙一", "丙一"}
    assert rows(client, "?state=resolved") == ["丙一"]
    assert rows(client, "?view=flat") == ["甲二", "乙一", "甲三", "甲一"]
    text = client.get(URL).content.decode()
    assert "共 2 组 4 条" in text


def test_a_group_unfolds_by_the_address_and_stays_so_when_its_head_changes(client: Client) -> None:
    head, other = (Alert.objects.get(title=title).pk for title in ("甲二", "甲一"))
    for named in (head, other):
        assert rows(client, f"?open={named}") == ["*甲二", "+甲二", "+甲三", "+甲一", "乙一"]
    text = client.get(f"{URL}?open={other}").content.decode()
    assert 'aria-expanded="true"' in text
    assert 'href="?"' in text, "folding up again leaves no trace in the address"
    assert rows(client, f"?group={other}") == ["甲二", "甲三", "甲一"]
    assert rows(client, "?open=zz,-1,99999999999999999999") == ["*甲二", "乙一"]


def test_a_ticked_group_is_taken_whole_and_only_what_was_counted(client: Client, engineer: Person) -> None:
    head = Alert.objects.get(title="甲二").pk
    sent = {"do": "bulk", "action": "acknowledge", "ids": [f"g{head}"], "back": "?"}
    asked = client.post(URL, sent)
    text = asked.content.decode()
    assert "将确认 3 条告警" in text
    named = [str(pk) for pk in Alert.objects.filter(labels__system="a").values_list("pk", flat=True)]
    assert all(f'name="ids" value="{pk}"' in text for pk in named)
    client.post(URL, {**sent, "ids": named, "confirmed": "1"})
    assert set(Alert.objects.filter(acknowledged_by=engineer).values_list("title", flat=True)) == {
        "甲一", "甲二", "甲三",
    }  # fmt: skip
    assert rows(client, "?state=open") == ["乙一"]
    # a condition keeps the rest of the group out of it
    assert "1 条" in client.post(URL, {**sent, "back": "?severity=minor"}).content.decode()


def test_bulk_silence_asks_why_and_until_when_on_its_own_page(client: Client) -> None:
    head = Alert.objects.get(title="甲二").pk
    led = client.post(
        URL,
        {"do": "bulk", "action": "silence", "ids": [f"g{head}"], "back": "?"},
        headers={"HX-Request": "true"},
    )
    to = led["HX-Redirect"]
    page = client.get(to).content.decode()
    assert "选中的告警（3 条）" in page
    assert "check=~" in page
    sent = {"ids": to.split("ids=")[1], "ends_at": "2026-06-01T14:00", "reason": "换线"}
    assert "建立 1 条静默" in client.post(to, sent).content.decode()
    assert AlertSilence.objects.count() == 0, "a preview stores nothing"
    assert client.post(to, {**sent, "confirmed": "1"}).status_code == 302
    assert AlertSilence.objects.get().reason == "换线"
    refused = client.post(to, {**sent, "confirmed": "1", "ends_at": "2026-05-01T14:00"})
    assert refused.status_code >= 400
    assert AlertSilence.objects.count() == 1


def test_nothing_open_is_said_so(client: Client) -> None:
    services.resolve_alerts(list(Alert.objects.all()), now=Alert.objects.order_by("pk")[0].opened_at)
    text = client.get(URL).content.decode()
    assert "没有未恢复的告警" in text
    assert "没有符合条件的记录" in client.get(f"{URL}?q=zz").content.decode()
