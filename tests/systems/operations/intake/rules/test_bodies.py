"""Bodies of webhooks become events; what is wrong is told with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import BadInput, TaxopsError, TooLarge
from taxops.systems.operations.intake.rules import (
    parse_alertmanager,
    parse_events,
    parse_json,
    parse_zabbix,
)

pytestmark = pytest.mark.same_everywhere
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def alert(**more: Any) -> dict[str, Any]:
    """Return an alert as Alertmanager 0.25 posts it."""
    return {
        "status": "firing",
        "labels": {"alertname": "主机不可达", "severity": "critical", "instance": "10.1.1.1:9100"},
        "annotations": {"summary": "主机 10.1.1.1 不可达", "description": "已 2 分钟"},
        "startsAt": "2026-06-01T09:58:00.123456789+08:00",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prom:9090/graph",
        "fingerprint": "0123456789abcdef",
        **more,
    }


def body(*alerts: dict[str, Any], version: str = "4") -> dict[str, Any]:
    return {"version": version, "groupKey": "{}:{}", "status": "firing", "alerts": list(alerts)}


def test_alertmanager_firing_and_resolved() -> None:
    over = alert(status="resolved", endsAt="2026-06-01T01:59:30Z")
    first, second = parse_alertmanager(body(alert(), over), NOW)
    assert (first.firing, first.at) == (True, datetime(2026, 6, 1, 1, 58, 0, 123456, tzinfo=UTC))
    assert (first.title, first.summary, first.severity) == ("主机 10.1.1.1 不可达", "已 2 分钟", "critical")
    assert (second.firing, second.at) == (False, datetime(2026, 6, 1, 1, 59, 30, tzinfo=UTC))
    assert first.labels == second.labels
    assert first.link == "http://prom:9090/graph"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (body(version="3"), "第 4 版"),
        ({"version": "4"}, "数组 alerts"),
        ({"version": "4", "alerts": [1]}, "第 1 项不是对象"),
        (body(alert(), alert(labels={})), "第 2 条告警没有 labels"),
        (body(alert(labels={"a": 1})), "第 1 条告警的 labels里「a」的值应是文本"),
        (body(alert(status="maybe")), "第 1 条告警的 status"),
        (body(alert(startsAt="昨天")), "第 1 条告警的 startsAt不是时间"),
        (body(alert(startsAt="2027-01-01T00:00:00Z")), "比平台时间晚"),
        (body(alert(labels={"a": "x" * 1001})), "超过 1000 个字符"),
        (body(alert(labels={f"l{n}": "" for n in range(61)})), "超过 60 个"),
    ],
)
def test_a_wrong_alertmanager_body_is_told_where(data: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_alertmanager(data, NOW)


ZABBIX = {
    "event_id": "18321", "event_value": "1", "trigger_id": 13502, "host": "db-01", "name": "磁盘将满",
    "severity": "High", "time": "1780279000", "tags": [{"tag": "service", "value": "开票"}],
}  # fmt: skip


def test_zabbix_problem_and_recovery_are_one_problem() -> None:
    (problem,) = parse_zabbix(ZABBIX, NOW)
    (recovery,) = parse_zabbix({**ZABBIX, "event_value": "0"}, NOW)
    assert problem.labels == {"host": "db-01", "trigger_id": "13502", "tag_service": "开票"}
    assert problem.labels == recovery.labels
    assert (problem.firing, recovery.firing) == (True, False)
    assert problem.key != recovery.key
    assert problem.severity == "high"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"event_id": ""}, "缺少 event_id"),
        ({"event_value": "2"}, "event_value 应是"),
        ({"severity": "坏"}, "不是 Zabbix 的级别"),
        ({"host": None}, "缺少 host"),
        ({"time": "soon"}, "time不是时间"),
        ({"tags": ["x"]}, "第 1 项应有 tag"),
    ],
)
def test_a_wrong_zabbix_body_is_told_where(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_zabbix({**ZABBIX, **more}, NOW)


def event(key: str = "e1", **more: Any) -> dict[str, Any]:
    return {"key": key, "labels": {"app": "开票"}, "title": "接口超时", **more}


def test_events_take_a_thousand_and_no_more() -> None:
    assert len(parse_events({"events": [event(f"e{n}") for n in range(1000)]}, NOW)) == 1000
    with pytest.raises(TooLarge, match="1,001"):
        parse_events({"events": [event(f"e{n}") for n in range(1001)]}, NOW)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "空的"),
        ([event(), event()], "第 2 条事件的 key「e1」在本批内重复"),
        ([event(key="")], "第 1 条事件缺少 key"),
        ([event(), event("e2", status="x")], "第 2 条事件的 status"),
        ([event(title="")], "缺少 title"),
        ([event(labels=None)], "没有 labels"),
        ([event(at="x")], "at不是时间"),
        ([event(key="k" * 101)], "超过 100"),
        ([event(title=["x"])], "title 应是文本"),
    ],
)
def test_a_wrong_batch_is_told_where(items: list[Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_events({"events": items}, NOW)


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"{\n x", "第 2 行第 2 列"), (b"\xff", "不是 UTF-8"), (b"[]", "最外层"), (b"[" * 100_000, "嵌套过深")],
)
def test_what_is_no_json_is_told_where(raw: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_json(raw)
    with pytest.raises(TooLarge):
        parse_json(b" " * (4 * 1024 * 1024 + 1))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["version", "alerts", "events", "host", "time", "tags", "event_id"]), anything
    )
)
def test_anything_else_is_refused_in_our_words(data: dict[str, Any]) -> None:
    json.dumps(data)
    for parse in (parse_alertmanager, parse_zabbix, parse_events):
        try:
            parse(data, NOW)
        except TaxopsError:
            continue
