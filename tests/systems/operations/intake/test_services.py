"""What is pushed becomes alerts once, ends when it is said to end, and is never dropped in silence."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope, Unavailable
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.alerting.models import Alert, AlertNotice
from taxops.systems.operations.intake import services
from taxops.systems.operations.intake.models import IntakeReceipt, IntakeSource
from taxops.systems.operations.intake.rules import Pushed, parse_line, pushed_of
from tests import factories
from tests.systems.operations.alerting.conftest import system_of
from tests.systems.operations.intake.rules.test_bodies import ZABBIX, alert, body, event

pytestmark = pytest.mark.django_db
ROOT = Scope.system("测试")


@pytest.fixture
def source(top: OrgUnit, now: datetime) -> IntakeSource:
    """Return a source that maps one job to a system."""
    system_of(top, now, "fpcy")
    return IntakeSource.objects.create(
        code="am", name="机房监控", kind="alertmanager", org=top, mapping=["instance=~10[.]1[.].* => fpcy"]
    )


def take(source: IntakeSource, data: dict[str, Any], now: datetime) -> dict[str, int]:
    """Take a body in."""
    return services.take_body(source, json.dumps(data).encode(), now=now).as_dict()


def test_alertmanager_fires_repeats_and_resolves(
    source: IntakeSource,
    engineer: Person,
    now: datetime,
) -> None:
    assert take(source, body(alert()), now)["raised"] == 1
    assert take(source, body(alert()), now + timedelta(minutes=1))["raised"] == 0
    found = Alert.objects.get()
    assert (found.state, found.severity, found.system.code if found.system else "") == (
        "open",
        "critical",
        "fpcy",
    )
    alerting.turn(now=now + timedelta(minutes=1))
    over = alert(status="resolved", endsAt="2026-06-01T02:02:00Z")
    assert take(source, body(over), now + timedelta(minutes=3))["resolved"] == 1
    assert take(source, body(over), now + timedelta(minutes=3))["resolved"] == 0
    # A firing that was sent before the end and comes after it brings nothing back.
    assert take(source, body(alert()), now + timedelta(minutes=4))["raised"] == 0
    alerting.turn(now=now + timedelta(minutes=5))
    assert [n.reason for n in AlertNotice.objects.order_by("pk")] == ["new", "resolved"]
    again = alert(startsAt="2026-06-01T10:05:00+08:00")
    assert take(source, body(again), now + timedelta(minutes=6))["raised"] == 1
    assert Alert.objects.count() == 2


def test_one_wrong_alert_stores_nothing_of_the_message(source: IntakeSource, now: datetime) -> None:
    with pytest.raises(BadInput, match="第 2 条告警"):
        take(source, body(alert(), alert(status="x")), now)
    assert Alert.objects.count() == 0
    assert IntakeSource.objects.get().n_received == 0


def test_events_of_one_key_count_once(source: IntakeSource, now: datetime) -> None:
    IntakeSource.objects.update(kind="events")
    source.refresh_from_db()
    batch = {"events": [event("a"), event("b", labels={"app": "勾选"})]}
    assert take(source, batch, now) == {
        "accepted": 2, "duplicate": 0, "raised": 2, "resolved": 0, "unmatched": 2,
    }  # fmt: skip
    assert take(source, batch, now)["duplicate"] == 2
    assert take(source, {"events": [event("c", status="resolved")]}, now)["resolved"] == 1
    row = IntakeSource.objects.get()
    assert (row.n_received, row.n_raised, row.n_duplicate) == (5, 2, 2)
    assert services.forget_old(now=now + timedelta(days=31)) == 3
    assert IntakeReceipt.objects.count() == 0


def test_zabbix_problem_ends_with_its_recovery(source: IntakeSource, now: datetime) -> None:
    IntakeSource.objects.update(kind="zabbix")
    source.refresh_from_db()
    take(source, ZABBIX, now)
    assert Alert.objects.get().severity == "major"
    take(source, {**ZABBIX, "event_value": "0", "time": "1780279100"}, now)
    assert Alert.objects.get().state == "resolved"


def test_what_matches_nothing_waits_and_goes_its_system_s_way_when_assigned(
    source: IntakeSource,
    engineer: Person,
    top: OrgUnit,
    now: datetime,
) -> None:
    take(source, body(alert(labels={"instance": "192.168.1.1"})), now)
    alerting.turn(now=now)
    found = Alert.objects.get()
    assert found.system is None
    assert found.labels["system"] == ""
    other = Scope(None, "乙", {"intake.manage": ("999/",)})
    with pytest.raises(NotFound):
        services.assign(other, found.pk, now=now, system_id=1)
    system = system_of(top, now, "dzdz")
    services.assign(ROOT, found.pk, now=now, system_id=system.pk)
    alerting.turn(now=now + timedelta(seconds=40))
    found = Alert.objects.get()
    assert (found.system, found.labels["system"]) == (system, "dzdz")
    assert "system=dzdz" in found.group_key
    assert [n.reason for n in AlertNotice.objects.order_by("pk")] == ["new", "new"]
    over = alert(labels={"instance": "192.168.1.1"}, status="resolved", endsAt="2026-06-01T02:02:00Z")
    assert take(source, body(over), now + timedelta(minutes=3))["resolved"] == 1
    with pytest.raises(NotFound):
        services.assign(ROOT, found.pk, now=now, system_id=system.pk)


def test_lines_that_no_rule_names_are_counted_and_no_more(source: IntakeSource, now: datetime) -> None:
    IntakeSource.objects.update(kind="syslog", mapping=["message=~.*ORA-00060.* => fpcy major"])
    source.refresh_from_db()
    raws = [b"<11>Jun  1 10:00:00 db oracle: ORA-00060 deadlock"] * 3 + [b"<11>Jun  1 10:00:00 db cron: fine"]
    lines = [pushed_of(parse_line(raw, now=now, sender="")) for raw in raws]
    services.take_lines(source, lines, now=now, dropped=7)
    found = Alert.objects.get()
    assert found.severity == "major"
    assert "3 行" in found.summary
    row = IntakeSource.objects.get()
    assert (row.n_received, row.n_raised, row.n_dropped) == (4, 1, 7)
    assert services.end_silent_lines(now=now + timedelta(minutes=29)) == 0
    assert services.end_silent_lines(now=now + timedelta(minutes=31)) == 1
    assert Alert.objects.get().state == "resolved"


def test_a_source_is_edited_as_a_whole_or_not_at_all(source: IntakeSource, now: datetime) -> None:
    fields: dict[str, Any] = {"name": "新名", "severity": "major", "enabled": True}
    with pytest.raises(BadInput, match="第 2 行"):
        services.save_source(ROOT, source.pk, now=now, mapping=["a=b => fpcy", "x"], **fields)
    assert IntakeSource.objects.get().name == "机房监控"
    saved = services.save_source(ROOT, source.pk, now=now, mapping=["a=b => fpcy", " "], **fields)
    assert saved.mapping == ["a=b => fpcy"]
    with pytest.raises(NotFound):
        services.save_source(Scope(None, "乙", {}), source.pk, now=now, mapping=[], **fields)


def test_a_token_pushes_for_its_own_source_through_the_api(
    client: Client,
    top: OrgUnit,
    engineer: Person,
    now: datetime,
) -> None:
    token, text = factories.token(["intake.push"], top)
    headers = {"Authorization": f"Bearer {text}"}
    answer = client.post(
        "/api/v1/intake/events", json.dumps({"events": [event()]}), "application/json", headers=headers
    )
    assert (answer.status_code, answer.json()["raised"]) == (200, 1), answer.content
    assert IntakeSource.objects.get().token == token
    wrong = client.post("/api/v1/intake/events", b"{", "application/json", headers=headers)
    assert wrong.status_code == 400
    assert "第 1 行第 2 列" in wrong.json()["what"]
    IntakeSource.objects.update(is_enabled=False)
    off = client.post("/api/v1/intake/events", b"{}", "application/json", headers=headers)
    assert off.status_code == 403
    with pytest.raises(NotPermitted):
        services.source_of(Scope(None, "乙", {}), "events", token.prefix)


def test_prometheus_finds_what_the_token_may_see(
    client: Client,
    top: OrgUnit,
    now: datetime,
) -> None:
    from taxops.systems.operations.monitoring import services as monitoring

    system = system_of(top, now, "fpcy")
    definition = monitoring.Definition(name="门户", kind="tcp", target="127.0.0.1:80", code="C1")
    monitoring.create_check(ROOT, now=now, system_id=system.pk, definition=definition)
    _, text = factories.token(["monitoring.view"], top)
    answer = client.get("/api/v1/discovery/prometheus", headers={"Authorization": f"Bearer {text}"})
    (found,) = answer.json()
    assert found["targets"] == ["127.0.0.1:80"]
    assert found["labels"]["__meta_taxops_system"] == "fpcy"
    assert set(map(type, found["labels"].values())) == {str}
    _, other = factories.token(["monitoring.view"], factories.org("990000"))
    assert (
        client.get("/api/v1/discovery/prometheus", headers={"Authorization": f"Bearer {other}"}).json() == []
    )


def test_an_event_without_a_time_is_of_now(source: IntakeSource, now: datetime) -> None:
    services.take(source, [Pushed("", {"a": "b"}, True, now, title="x")], now=now)
    assert Alert.objects.get().since_at == now


def test_raw_lines_need_an_organisation_and_unreadable_ones_are_counted(now: datetime) -> None:
    with pytest.raises(Unavailable, match="还没有任何机构"):
        services.take_raw_lines("syslog", [(b"<11>x", "10.0.0.9")], now=now)
    factories.org("145000")
    services.take_raw_lines("syslog", [(b"<11>x", "10.0.0.9"), (b"x" * 9000, "h")], now=now, dropped=2)
    row = IntakeSource.objects.get()
    assert (row.kind, row.n_received, row.n_dropped) == ("syslog", 1, 3)
    IntakeSource.objects.update(is_enabled=False)
    services.take_raw_lines("syslog", [(b"<11>x", "10.0.0.9")], now=now)
    row.refresh_from_db()
    assert (row.n_received, row.n_dropped) == (1, 4)
