"""What is told when, by scripted timelines, with restarts in the middle; and that nothing is told twice."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.platform.notify.models import Notice
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import (
    Alert,
    AlertEvent,
    AlertGroup,
    AlertMember,
    AlertNotice,
    AlertRoute,
)
from taxops.systems.operations.alerting.services import turning
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db


def scope_of(person: Person, org: OrgUnit) -> Scope:
    """Return what an engineer may do."""
    return Scope(
        person.pk, person.display_name, {"monitoring.run": (org.path,), "monitoring.view": (org.path,)}
    )


def test_an_alert_is_told_at_once_climbs_after_five_minutes_and_is_told_over(
    timeline: Timeline, engineer: Person, boss: Person, bureau: Person
) -> None:
    alert = timeline.push("登录")
    timeline.run(1000)
    assert timeline.reasons() == [(0, "new"), (300, "escalation"), (900, "escalation")]
    timeline.end(alert)
    timeline.run(1100)
    assert timeline.reasons()[3:] == [(1000, "resolved")]
    assert not AlertGroup.objects.filter(is_over=False).exists()
    # Everyone who heard of it hears of its end: in charge, project manager, bureau.
    by = {n.person.username: n.title for n in Notice.objects.order_by("pk").select_related("person")}
    assert by == {"engineer": "恢复：登录", "boss": "恢复：登录", "bureau": "恢复：登录"}


def test_acknowledging_stops_escalation_and_repeats_but_not_the_end(
    timeline: Timeline, engineer: Person, top: OrgUnit
) -> None:
    alert = timeline.push("登录")
    timeline.run(100)
    services.acknowledge(scope_of(engineer, top), alert.pk, now=timeline.now(), note="在查")
    timeline.run(20_000, step=500)
    assert timeline.reasons() == [(0, "new")]
    timeline.end(alert)
    timeline.run(20_100)
    assert [reason for _, reason in timeline.reasons()] == ["new", "resolved"]


def test_what_nobody_takes_is_told_again_after_four_hours(timeline: Timeline, engineer: Person) -> None:
    timeline.push("登录")
    timeline.run(15_000, step=100)
    assert [at for at, reason in timeline.reasons() if reason == "repeat"] == [14_400]


def test_a_system_hides_its_checks_and_all_are_one_group(timeline: Timeline, engineer: Person) -> None:
    whole = timeline.push("系统", labels={"level": "system", "check": ""})
    timeline.push("检查甲")
    timeline.push("检查乙")
    timeline.run(200)
    assert timeline.told == [(0, "new", ["系统"])]
    assert len(set(Alert.objects.values_list("group_key", flat=True))) == 1
    timeline.end(whole)
    timeline.run(290)
    # The checks are still bad: now that nothing explains them, they are told.
    assert [(reason, titles) for _, reason, titles in timeline.told[1:]] == [
        ("new", ["检查乙", "检查甲", "系统"])
    ]


def test_minor_ones_wait_until_the_calendar_opens_urgent_ones_do_not(
    timeline: Timeline, engineer: Person
) -> None:
    timeline.run(timeline.at)  # 10:00 in China; the site closes at 12:00 and opens at 14:30
    timeline.at = 7_300
    timeline.push("日志", severity="minor")
    timeline.push("开票", severity="critical", labels={"system": "other"})
    timeline.run(16_500, step=50)
    assert [(at, titles) for at, reason, titles in timeline.told if reason == "new"] == [
        (7_300, ["开票"]),
        (16_200, ["日志"]),
    ]


def test_back_before_its_end_was_told_is_one_and_the_same(timeline: Timeline, engineer: Person) -> None:
    alert = timeline.push("登录")
    timeline.run(5)
    timeline.end(alert)
    services.reopen_alerts([Alert.objects.get(pk=alert.pk)], now=timeline.now())
    timeline.run(290)
    assert timeline.reasons() == [(0, "new")]


def test_quiet_ones_are_kept_and_told_to_nobody(timeline: Timeline, engineer: Person) -> None:
    timeline.push("登录", quiet=True)
    timeline.run(600, step=60)
    assert timeline.told == []
    assert AlertEvent.objects.count() == 0
    assert Alert.objects.get().state == "open"


def test_said_twice_is_one_alert(timeline: Timeline, engineer: Person) -> None:
    timeline.push("登录", key="a")
    with pytest.raises(IndexError):
        timeline.push("登录", key="a")
    assert Alert.objects.count() == 1


def test_a_killed_turn_leaves_nothing_and_the_next_tells_once(
    timeline: Timeline, engineer: Person, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    """The same instant again after a rollback: notices, log and groups stand or fall together."""

    class Killed(BaseException):
        """What a kill -9 is to the database: the transaction never ends."""

    def killed(*_what: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(turning, "write_changes", killed)
        with pytest.raises(Killed):
            timeline.push("登录")
    assert (AlertNotice.objects.count(), Notice.objects.count()) == (0, 0)
    assert services.is_due(timeline.now())
    timeline.turn()
    timeline.run(60)
    assert timeline.reasons() == [(0, "new")]
    assert Notice.objects.filter(person=engineer).count() == 1


def test_a_notice_that_cannot_be_made_is_logged_and_stops_nothing(
    timeline: Timeline, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_fields: object) -> None:
        raise BadInput("没有名为「某级」的通知级别。")

    monkeypatch.setattr("taxops.platform.notify.services.tell_many", fails)
    timeline.push("登录")
    assert AlertNotice.objects.get().outcomes[0]["outcome"] == "failed"
    assert "某级" in AlertNotice.objects.get().outcomes[0]["why"]


def test_nobody_in_the_role_is_said_and_those_in_charge_are_told(
    timeline: Timeline, engineer: Person
) -> None:
    timeline.push("登录")
    timeline.run(300)
    outcome = AlertNotice.objects.get(reason="escalation").outcomes[0]
    assert outcome["people"] == [engineer.pk]
    assert outcome["why"] == "此刻无人担任该角色，改为通知责任人员"


def test_routes_choose_by_severity_and_two_desks_share_the_work(
    timeline: Timeline, engineer: Person, boss: Person, now: datetime
) -> None:
    AlertRoute.objects.create(
        name="紧急直报", severities=["critical"], receivers=[f"person:{boss.pk}"], updated_at=now
    )
    services.plan_changed()
    timeline.push("开票", severity="critical", labels={"system": "a"})
    turning._kept.stamp = "another process took a turn"
    timeline.push("日志", severity="major", labels={"system": "b"})
    found = {n.route: n.outcomes[0]["people"] for n in AlertNotice.objects.all()}
    assert found["紧急直报"] == [boss.pk]
    assert engineer.pk in found["默认路由"]


moves = st.lists(
    st.tuples(st.sampled_from(["fire", "end", "ack", "restart", "wait"]), st.integers(0, 2)), max_size=14
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves)
def test_no_delivery_twice_and_no_end_without_a_beginning(
    top: OrgUnit, now: datetime, found: list[tuple[str, int]]
) -> None:
    """Random lives of three problems with kills in between, against what people were made to believe."""
    AlertNotice.objects.all().delete()
    AlertGroup.objects.all().delete()
    AlertMember.objects.all().delete()
    Alert.objects.all().delete()
    turning._kept.desk = None
    services.ensure_defaults(now=now)
    timeline = Timeline(now, top)
    open_: dict[int, Alert] = {}
    for number, (move, which) in enumerate([*found, ("end", 0), ("end", 1), ("end", 2)]):
        if move == "fire" and which not in open_:
            open_[which] = timeline.push(f"p{which}", key=f"k{which}-{number}")
        elif move == "end" and which in open_:
            timeline.end(open_.pop(which))
        elif move == "ack" and which in open_:
            services.acknowledge_many(Scope.system("测试"), [open_[which].pk], now=timeline.now())
        elif move == "restart":
            turning._kept.desk = None
        timeline.run(timeline.at + 20, step=10)
    timeline.run(timeline.at + 60, step=10)
    believed: set[str] = set()
    for notice in AlertNotice.objects.order_by("pk"):
        ended = {
            a.title
            for a in notice.alerts.all()
            if f"{a.title}：" in notice.body and "恢复，历时" in notice.body
        }
        if notice.reason == "resolved":
            assert ended, notice.body
            assert ended & believed, "an end was told that had no beginning"
        else:
            believed |= {a.title for a in notice.alerts.all() if f"起 {a.title}" in notice.body}
        believed -= {t for t in ended if f"{t}：" in notice.body and f"起 {t}" not in notice.body}
    assert believed == set()
    assert not AlertGroup.objects.filter(is_over=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_fault_after_the_commit_leaves_what_was_committed_and_one_turn_takes_all(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hook is Django's to log: it must survive whatever the desk does, even what nobody foresaw."""
    turns: list[datetime] = []

    def fails(*, now: datetime) -> None:
        turns.append(now)
        raise ZeroDivisionError

    monkeypatch.setattr(turning, "turn", fails)
    with transaction.atomic():
        services.ensure_defaults(now=now)
        for _ in range(3):
            turning.turn_soon(now)
    assert turns == [now]
    assert AlertRoute.objects.count() == 1
