"""Telling is once, sending loses nothing, and a robot is never shouted at."""

from __future__ import annotations

import time as clock_time
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, Unavailable
from taxops.platform.audit.models import AuditEntry
from taxops.platform.notify import queries, rules, services
from taxops.platform.notify.models import Channel, Delivery, Notice
from taxops.platform.notify.services import sending
from tests.platform.notify import servers
from tests.platform.province import Province

pytestmark = pytest.mark.django_db
SYSTEM = Scope.system("监控")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


def robot(province: Province, now: datetime, url: str, code: str = "group", **more: Any) -> Channel:
    scope = province.scope(notify_manage="")
    return services.save_channel(
        scope, now=now, code=code, name="值班群", kind="wecom", values={"url": url}, **more
    )


def mail(province: Province, now: datetime, port: int) -> Channel:
    return services.save_channel(
        province.scope(notify_manage=""),
        now=now,
        code="mail",
        name="邮件",
        kind="smtp",
        values={"host": "127.0.0.1", "port": str(port), "sender": "ops@example.test"},
    )


def tell(province: Province, now: datetime, key: str = "k", **more: Any) -> list[Notice]:
    values = {"people": [province.clerk.pk], "title": f"通知 {key}", "severity": "critical", **more}
    return services.tell(SYSTEM, now=now, key=key, **values)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_people_are_told_once_however_often_it_is_said(province: Province, now: datetime) -> None:
    people = [province.clerk.pk, province.neighbour.pk, 10**9]
    assert len(tell(province, now, people=people)) == 2
    assert tell(province, now, people=people) == []
    assert Notice.objects.count() == 2
    assert queries.unread_count(province.scope()) == 1
    province.neighbour.is_active = False
    province.neighbour.save()
    assert [notice.person for notice in tell(province, now, "other", people=people)] == [province.clerk]


@pytest.mark.parametrize(
    "wrong",
    [{"severity": "urgent"}, {"link": "javascript:x"}, {"title": "  "}, {"key": ""}, {"key": "k" * 201}],
)
def test_a_notice_that_makes_no_sense_stores_nothing(
    province: Province, now: datetime, wrong: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        tell(province, now, **wrong)
    assert not Notice.objects.exists()


def test_reading_is_ones_own_affair(province: Province, now: datetime) -> None:
    (notice,) = tell(province, now)
    tell(province, now, "second")
    with pytest.raises(NotFound):
        services.mark_read(province.scope(province.neighbour), now=now, notice_id=notice.pk)
    services.mark_read(province.scope(), now=now, notice_id=notice.pk)
    assert (
        services.mark_read(province.scope(), now=now + timedelta(hours=1), notice_id=notice.pk).read_at == now
    )
    assert services.mark_all_read(province.scope(), now=now) == 1
    assert queries.unread_count(province.scope()) == 0
    with pytest.raises(NotPermitted):
        services.mark_all_read(SYSTEM, now=now)


def test_a_robot_hears_what_reaches_its_level_in_its_organisation_once(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.web() as web:
        robot(province, now, web.url, org=province.here)
        tell(province, now, "elsewhere", org_path=province.there.path)
        tell(province, now, "nowhere")
        tell(province, now, "low", org_path=province.here.path, severity="info")
        tell(province, now, "private", org_path=province.here.path, broadcast=False)
        tell(province, now, "here", org_path=province.here.path)
        tell(province, now, "here", org_path=province.here.path)
        assert services.send_due(clock=clock) == {"sent": 1, "failed": 0}
        assert services.send_due(clock=clock) == {"sent": 0, "failed": 0}
    assert [payload["markdown"]["content"].splitlines()[0] for payload in web.payloads()] == [
        "**【严重】通知 here**"
    ]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.answer, delivery.done_at) == (
        "sent",
        1,
        "errcode 0",
        now,
    )


def test_mail_goes_to_those_who_want_it_after_their_quiet_hours(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.smtp() as sink:
        mail(province, now, sink.port)
        services.prefer(
            province.scope(),
            channels={"warning": ["mail"], "critical": []},
            quiet_from=time(9),
            quiet_to=time(12),
        )
        people = [province.clerk.pk, province.neighbour.pk]
        tell(province, now, "warning", severity="warning", people=people)
        assert services.send_due(clock=clock)["sent"] == 0, "it is ten o'clock, within the quiet hours"
        tell(province, now, "critical", people=people)
        assert services.send_due(clock=clock)["sent"] == 2, (
            "critical overrides quiet hours and an empty choice"
        )
        clock.pass_(hours=2)
        assert services.send_due(clock=clock)["sent"] == 1
    assert [to for _, to, _ in sink.mails].count(["jia@example.test"]) == 2
    assert [to for _, to, _ in sink.mails].count(["yi@example.test"]) == 1


def test_more_than_twenty_in_a_minute_are_folded_into_one(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.web() as web:
        robot(province, now, web.url)
        for number in range(30):
            tell(province, now, f"n{number}")
        services.send_due(clock=clock)
        assert len(web.requests) == 1, "thirty do not fit, so they go as one"
        assert "合并通知 30 条" in web.payloads()[0]["markdown"]["content"]
        assert sorted(set(states())) == ["folded", "sent"]
        for number in range(40):
            tell(province, clock.now, f"m{number}")
            services.send_due(clock=clock)
            clock.pass_(seconds=1)
        assert len(web.requests) == 20, "nineteen singly, then no more within the minute"
        clock.pass_(seconds=30)
        services.send_due(clock=clock)
    assert len(web.requests) == 21
    assert set(states()) == {"sent", "folded"}
    first = Delivery.objects.filter(state="sent").order_by("pk")[0]
    assert first.folded.count() == 29


def test_a_failure_is_tried_again_later_and_in_the_end_given_up(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.web(status=503) as web:
        robot(province, now, web.url)
        tell(province, now)
        assert services.send_due(clock=clock) == {"sent": 0, "failed": 1}
        assert services.send_due(clock=clock) == {"sent": 0, "failed": 0}, "not before its time"
        for _ in range(rules.MAX_ATTEMPTS - 1):
            clock.pass_(hours=4)
            services.send_due(clock=clock)
        assert states() == ["failed"]
        assert len(web.requests) == rules.MAX_ATTEMPTS
        delivery = Delivery.objects.get()
        assert delivery.answer == 'HTTP 503 {"errcode":0,"errmsg":"ok"}'
        with pytest.raises(NotPermitted):
            services.resend(province.scope(), now=clock.now, delivery_id=delivery.pk)
        web.status = 200
        manager = province.scope(notify_manage="")
        services.resend(manager, now=clock.now, delivery_id=delivery.pk)
        with pytest.raises(Conflict, match="待发送"):
            services.resend(manager, now=clock.now, delivery_id=delivery.pk)
        services.send_due(clock=clock)
    assert states() == ["sent"]


def test_a_final_refusal_is_not_repeated(province: Province, now: datetime, clock: Clock) -> None:
    with servers.web(status=404) as web:
        robot(province, now, web.url)
        tell(province, now)
        services.send_due(clock=clock)
        clock.pass_(hours=4)
        services.send_due(clock=clock)
    assert (states(), len(web.requests)) == (["failed"], 1)


def test_a_hung_channel_holds_up_no_other_and_its_rest_is_not_spent(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.raw(servers.silence) as port, servers.web() as web:
        robot(province, now, f"http://127.0.0.1:{port}/", "hung")
        robot(province, now, web.url, "good")
        for number in range(6):
            tell(province, now, f"n{number}")
        started = clock_time.monotonic()
        counts = services.send_due(clock=clock, timeout=0.3)
        assert clock_time.monotonic() - started < 10
    assert counts == {"sent": 6, "failed": 2}, "two failures are enough to know that the line is dead"
    hung = Delivery.objects.filter(channel__code="hung")
    assert sorted(hung.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1, 1]
    assert set(hung.values_list("state", flat=True)) == {"waiting"}
    assert len(web.requests) == 6


def test_a_channel_that_is_off_sends_nothing_and_says_so(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.web() as web:
        channel = robot(province, now, web.url)
        tell(province, now)
        services.enable(province.scope(notify_manage=""), now=now, channel=channel, is_enabled=False)
        services.send_due(clock=clock)
    assert (states(), web.requests) == (["cancelled"], [])
    assert "停用" in Delivery.objects.get().answer


def test_what_waits_can_be_cancelled_once(province: Province, now: datetime, clock: Clock) -> None:
    manager = province.scope(notify_manage="")
    robot(province, now, "http://127.0.0.1:9/")
    tell(province, now)
    delivery = Delivery.objects.get()
    services.cancel(manager, now=now, delivery_id=delivery.pk)
    with pytest.raises(Conflict, match="已取消"):
        services.cancel(manager, now=now, delivery_id=delivery.pk)
    assert services.send_due(clock=clock) == {"sent": 0, "failed": 0}


def test_a_worker_that_lost_its_lease_does_not_overwrite_the_next_ones_word(
    province: Province, now: datetime, clock: Clock
) -> None:
    from taxops.platform.notify.channels import Answer

    robot(province, now, "http://127.0.0.1:9/")
    tell(province, now)
    ((slow,),) = sending.claim(now=now)
    assert sending.claim(now=now) == [], "claimed once"
    later = now + rules.LEASE + timedelta(seconds=1)
    ((quick,),) = sending.claim(now=later)
    sending.write_down(quick.deliveries, Answer(True, "送达"), now=later, spent_ms=1)
    sending.write_down(slow.deliveries, Answer(False, "超时"), now=later, spent_ms=1)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer, delivery.attempts) == ("sent", "送达", 2)


def test_secrets_are_encrypted_masked_and_kept_when_left_empty(
    province: Province, now: datetime, settings: Any
) -> None:
    scope = province.scope(notify_manage="")
    url = "https://robot.example.test/send?key=abcdefgh12345678"
    channel = robot(province, now, url)
    assert "abcdefgh" not in channel.secrets
    assert "abcdefgh" not in str(channel.config)
    assert ("机器人地址", "••••••5678") in queries.shown_values(channel)
    assert "abcdefgh" not in str(list(AuditEntry.objects.values_list("before", "after")))
    services.save_channel(
        scope, now=now, code="group", name="新名", kind="wecom", values={"url": ""}, channel=channel
    )
    assert sending.opened(Channel.objects.get())["url"] == url
    settings.SECRET_KEY = "another"
    with pytest.raises(Unavailable, match="无法解密"):
        sending.opened(Channel.objects.get())


def test_a_channel_whose_secrets_cannot_be_opened_fails_in_words(
    province: Province, now: datetime, clock: Clock, settings: Any
) -> None:
    robot(province, now, "http://127.0.0.1:9/")
    tell(province, now)
    settings.SECRET_KEY = "another"
    assert services.send_due(clock=clock) == {"sent": 0, "failed": 1}
    assert "无法解密" in Delivery.objects.get().answer


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "有 空"}, "渠道代码"),
        ({"code": "taken"}, "已被使用"),
        ({"name": " "}, "渠道名称"),
        ({"per_minute": 0}, None),
        ({"per_minute": 601}, "每分钟"),
        ({"min_severity": "x"}, "级别"),
        ({"values": {}}, "请填写"),
    ],
)
def test_a_wrong_channel_stores_nothing(
    province: Province, now: datetime, wrong: dict[str, Any], words: str | None
) -> None:
    robot(province, now, "http://127.0.0.1:9/", "taken")
    values = {"code": "new", "name": "名", "kind": "webhook", "values": {"url": "http://x.test/"}, **wrong}
    if words is None:
        words = "每分钟"
    with pytest.raises(BadInput, match=words):
        services.save_channel(province.scope(notify_manage=""), now=now, **values)
    assert Channel.objects.count() == 1


def test_channels_are_kept_by_those_who_may_there(province: Province, now: datetime) -> None:
    channel = robot(province, now, "http://127.0.0.1:9/", org=province.here)
    neighbour = province.scope(province.neighbour, notify_manage=province.there.path)
    with pytest.raises(NotPermitted):
        services.enable(neighbour, now=now, channel=channel, is_enabled=False)
    with pytest.raises(NotFound):
        queries.get_channel(neighbour, "group")
    assert queries.get_channel(province.scope(notify_manage=province.root.path), "group") == channel
    assert list(queries.deliveries(province.scope())) == []
    services.remove(province.scope(notify_manage=""), now=now, channel=channel)
    assert not Channel.objects.exists()


def test_a_channel_with_a_log_is_switched_off_not_removed(province: Province, now: datetime) -> None:
    channel = robot(province, now, "http://127.0.0.1:9/")
    tell(province, now)
    with pytest.raises(Conflict, match="停用"):
        services.remove(province.scope(notify_manage=""), now=now, channel=channel)


def test_trying_a_channel_out_answers_at_once_and_is_logged(province: Province, now: datetime) -> None:
    scope = province.scope(notify_manage="")
    with servers.web() as web, servers.smtp() as sink:
        good = services.try_out(scope, now=now, channel=robot(province, now, web.url))
        box = mail(province, now, sink.port)
        with pytest.raises(BadInput, match="收件地址"):
            services.try_out(scope, now=now, channel=box)
        posted = services.try_out(scope, now=now, channel=box, to="li@example.test")
    bad = services.try_out(scope, now=now, channel=robot(province, now, "http://127.0.0.1:9/", "bad"))
    assert (good.state, posted.state, bad.state) == ("sent", "sent", "failed")
    assert "拒绝连接" in bad.answer
    assert Delivery.objects.count() == 3
    assert "测试消息" in web.payloads()[0]["markdown"]["content"]


def test_preferences_that_make_no_sense_are_refused(province: Province) -> None:
    scope = province.scope()
    for wrong in (
        {"channels": {"warning": ["pigeon"]}, "quiet_from": None, "quiet_to": None},
        {"channels": {"urgent": []}, "quiet_from": None, "quiet_to": None},
        {"channels": {}, "quiet_from": time(22), "quiet_to": None},
        {"channels": {}, "quiet_from": time(22), "quiet_to": time(22)},
    ):
        with pytest.raises(BadInput):
            services.prefer(scope, **wrong)  # type: ignore[arg-type]  # table case


def test_old_finished_ones_are_forgotten_and_unread_ones_stay(
    province: Province, now: datetime, clock: Clock
) -> None:
    with servers.web() as web:
        robot(province, now, web.url)
        (read,) = tell(province, now, "read")
        tell(province, now, "unread")
        services.mark_read(province.scope(), now=now, notice_id=read.pk)
        services.send_due(clock=clock)
    assert services.prune(now=now + timedelta(days=179)) == {"deliveries": 0, "notices": 0}
    assert services.prune(now=now + timedelta(days=181))["notices"] == 1
    assert Notice.objects.get().key == "unread"
    assert not Delivery.objects.exists()


def test_telling_in_a_transaction_that_fails_tells_nobody(province: Province, now: datetime) -> None:
    def failing() -> None:
        with transaction.atomic():
            tell(province, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert not Notice.objects.exists()
