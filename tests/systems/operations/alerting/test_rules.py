"""Receivers, plans from rows, silences, and the words of notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.rules import RouteFacts, Told

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["responders", "duty", "duty:line1", "role:ops_manager", "person:12", "channel:wx"]
)
def test_receivers_read_as_written(text: str) -> None:
    assert str(rules.parse_receiver(text)) == text


@pytest.mark.parametrize("text", ["", "everyone", "role:", "person:li", "channel", "responders:x"])
def test_other_receivers_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        rules.parse_receiver(text)


def test_a_route_s_conditions_become_matchers() -> None:
    facts = RouteFacts(
        1, "甲", org_path="100/", systems=["a.b", "c"], severities=["critical"], matchers=["zone=外网"]
    )
    assert rules.matchers_of(facts) == ["zone=外网", "org^=100/", "system=~a\\.b|c", "severity=critical"]
    plan = rules.plan_of(RouteFacts(0, "默认"), [facts])
    assert plan.routes["1"].matchers[2].holds({"system": "a.b"})
    assert not plan.routes["1"].matchers[2].holds({"system": "axb"})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (RouteFacts(1, "甲", receivers=["nobody"]), "无法识别"),
        (RouteFacts(1, "甲", times=["moon"]), "没有名为"),
        (RouteFacts(1, "甲", hold="moon"), "没有名为"),
        (RouteFacts(1, "甲", matchers=["a~b"]), "无法识别"),
        (RouteFacts(1, "甲", steps=[{"after_s": 60, "receivers": ["x:"]}]), "无法识别"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(facts: RouteFacts, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rules.plan_of(RouteFacts(0, "默认"), [facts])


def test_unknown_years_hold_nothing_back() -> None:
    assert rules.is_open("office5x8", 4_102_444_800_000)
    assert not rules.is_open("office5x8", int(datetime(2026, 6, 6, 2, tzinfo=UTC).timestamp() * 1000))


def test_a_notice_speaks_of_the_gravest_first() -> None:
    minor = Told("日志", "", "minor", NOW)
    grave = Told("开票", "连接被拒绝", "critical", NOW + timedelta(seconds=5))
    title, body = rules.notice_text("new", [minor, grave], [])
    assert title == "告警：开票 等 2 项"
    assert body == "06-01 10:00:05 起 开票：连接被拒绝\n06-01 10:00:00 起 日志"


def test_an_end_says_how_long_it_lasted_and_what_still_lasts() -> None:
    ended = Told("开票", "", "critical", NOW, NOW + timedelta(minutes=3))
    title, body = rules.notice_text("resolved", [Told("日志", "", "minor", NOW)], [ended])
    assert title == "恢复：开票"
    assert body == "仍有 1 项未恢复：\n06-01 10:00:00 起 日志\n开票：06-01 10:03:00 恢复，历时 3 分。"
    assert rules.notice_text("resolved", [], [Told("开票", "", "minor", NOW, NOW, "该中断不成立。")])[1] == (
        "开票：该中断不成立。"
    )


def test_an_end_wakes_nobody_and_an_escalation_does() -> None:
    assert rules.level_of("critical", "resolved") == "info"
    assert rules.level_of("major", "new") == "warning"
    assert rules.level_of("major", "escalation") == "critical"
    assert rules.level_of("minor", "escalation") == "info"


@pytest.mark.parametrize(
    ("matchers", "hours", "reason", "field"),
    [
        ([], 1, "换线", "matchers"),
        (["  "], 1, "换线", "matchers"),
        (["system!=a"], 1, "换线", "matchers"),
        (["system=~.*"], 1, "换线", "matchers"),
        (["system=a"], 1, " ", "reason"),
        (["system=a"], 0, "换线", "ends_at"),
        (["system=a"], 24 * 31, "换线", "ends_at"),
    ],
)
def test_silences_that_would_hide_everything_or_say_no_why_are_refused(
    matchers: list[str], hours: int, reason: str, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        rules.accept_silence(matchers, NOW, NOW + timedelta(hours=hours), reason)
    assert caught.value.field == field


def test_identity_does_not_depend_on_severity() -> None:
    one = rules.mark_of({"system": "a", "severity": "minor"})
    assert one == rules.mark_of({"system": "a", "severity": "critical"})
    assert one != rules.mark_of({"system": "b", "severity": "minor"})
