"""Bodies of webhooks (推送报文) to events. What is wrong is said in Chinese, with its position; then nothing counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, BadInput, TooLarge, parse_instant

from .pushed import Pushed

MAX_BODY = 4 * 1024 * 1024
MAX_EVENTS = 1000
MAX_LABELS = 60
MAX_VALUE = 1000
AHEAD = timedelta(hours=1)
"""A time further in the future than this is the other side's clock, and is refused."""

_ZABBIX_WORDS = {
    "disaster": "disaster", "high": "high", "average": "average", "warning": "warning",
    "information": "information", "not classified": "information", "灾难": "disaster", "严重": "high",
    "一般严重": "average", "警告": "warning", "信息": "information", "未分类": "information",
    "5": "disaster", "4": "high", "3": "average", "2": "warning", "1": "information", "0": "information",
}  # fmt: skip


def parse_json(body: bytes) -> dict[str, Any]:
    """Return a body as a JSON object.

    Raises:
        TooLarge: over 4 MB.
        BadInput: not UTF-8, not JSON (line and column are told), not an object.
    """
    if len(body) > MAX_BODY:
        raise TooLarge("推送内容超过 4 MB。", "请分批推送。")
    try:
        found = json.loads(body)
    except UnicodeDecodeError as error:
        raise BadInput(f"推送内容第 {error.start + 1} 个字节不是 UTF-8。", "请使用 UTF-8 编码。") from error
    except json.JSONDecodeError as error:
        raise BadInput(
            f"推送内容不是合法的 JSON：第 {error.lineno} 行第 {error.colno} 列。", "请核对报文格式。"
        ) from error
    except RecursionError as error:
        raise BadInput("推送内容嵌套过深。", "请核对报文格式。") from error
    if not isinstance(found, dict):
        raise BadInput("推送内容的最外层应是 JSON 对象。", "请核对报文格式。")
    return found


def parse_alertmanager(data: Mapping[str, Any], now: datetime) -> list[Pushed]:
    """Return the events of an Alertmanager v4 webhook body. While an alert fires its `endsAt` is in the year 0001.

    Raises:
        BadInput: not version 4, or an alert in it is wrong; says which.
    """
    if str(data.get("version")) != "4":
        raise BadInput(
            f"只支持 Alertmanager webhook 第 4 版，收到的 version 是「{str(data.get('version'))[:20]}」。",
            "请使用 Alertmanager 0.16 以上版本的 webhook_configs。",
        )
    found = []
    for number, item in enumerate(_list(data, "alerts"), 1):
        where = f"第 {number} 条告警"
        labels = _labels(item, where)
        annotations = _texts(item.get("annotations") or {}, f"{where}的 annotations")
        status = item.get("status")
        if status not in {"firing", "resolved"}:
            raise BadInput(f"{where}的 status 应是 firing 或 resolved，收到「{str(status)[:20]}」。")
        starts = _time(item.get("startsAt"), f"{where}的 startsAt", now)
        firing = status == "firing"
        at = starts
        if not firing:
            ends = _time(item.get("endsAt"), f"{where}的 endsAt", now)
            at = starts if ends.year < 1971 else ends
        mark = str(item.get("fingerprint") or "")[:64]
        found.append(
            Pushed(
                key="",
                labels=labels,
                firing=firing,
                at=at,
                severity=labels.get("severity", ""),
                title=annotations.get("summary") or labels.get("alertname") or f"外部告警 {mark}",
                summary=annotations.get("description") or annotations.get("message", ""),
                link=_link(item.get("generatorURL")),
            )
        )
    return found


def parse_zabbix(data: Mapping[str, Any], now: datetime) -> list[Pushed]:
    """Return the event of a Zabbix webhook body, in the fields that the page 接入说明 gives as a media type.

    `event_value` is 1 for a problem and 0 for a recovery; `time` is Unix seconds or a time.

    Raises:
        BadInput: a field is missing or wrong; says which.
    """
    event = _text(data, "event_id", required=True, most=64)
    value = str(data.get("event_value", ""))
    if value not in {"0", "1"}:
        raise BadInput(f"event_value 应是 1（问题）或 0（恢复），收到「{value[:20]}」。", field="event_value")
    trigger = _text(data, "trigger_id", required=True, most=64)
    host = _text(data, "host", required=True)
    severity = _text(data, "severity").strip().lower()
    if severity and severity not in _ZABBIX_WORDS:
        raise BadInput(
            f"severity「{severity[:20]}」不是 Zabbix 的级别。", "应是 0–5 或级别名称。", field="severity"
        )
    labels = {"host": host, "trigger_id": trigger}
    if group := _text(data, "host_group"):
        labels["host_group"] = group
    for number, tag in enumerate(data.get("tags") or [], 1):
        if not isinstance(tag, dict) or not isinstance(tag.get("tag"), str):
            raise BadInput(f"tags 的第 {number} 项应有 tag 和 value。", field="tags")
        labels[f"tag_{tag['tag']}"] = str(tag.get("value", ""))
    return [
        Pushed(
            key=f"{event}:{value}",
            labels=_check_labels(labels, "报文"),
            firing=value == "1",
            at=_time(data.get("time"), "time", now),
            severity=_ZABBIX_WORDS.get(severity, ""),
            title=_text(data, "name", required=True),
            summary=_text(data, "message"),
            link=_link(data.get("url")),
        )
    ]


def parse_events(data: Mapping[str, Any], now: datetime) -> list[Pushed]:
    """Return the events of a generic batch: `{"events": [{key, status, labels, title, severity, at, …}]}`.

    Raises:
        BadInput: more than 1,000, or one is wrong; says which and what.
    """
    items = _list(data, "events")
    if not items:
        raise BadInput("events 是空的。", "请至少推送一条事件。", field="events")
    if len(items) > MAX_EVENTS:
        raise TooLarge(f"一次最多推送 {MAX_EVENTS:,} 条事件，收到 {len(items):,} 条。", "请分批推送。")
    found, seen = [], set[str]()
    for number, item in enumerate(items, 1):
        where = f"第 {number} 条事件"
        key = _text(item, "key", where, required=True, most=100)
        if key in seen:
            raise BadInput(f"{where}的 key「{key}」在本批内重复。", "每条事件的 key 应不同。")
        seen.add(key)
        status = item.get("status", "firing")
        if status not in {"firing", "resolved"}:
            raise BadInput(f"{where}的 status 应是 firing 或 resolved，收到「{str(status)[:20]}」。")
        found.append(
            Pushed(
                key=key,
                labels=_labels(item, where),
                firing=status == "firing",
                at=_time(item["at"], f"{where}的 at", now) if item.get("at") else now,
                severity=_text(item, "severity", where),
                title=_text(item, "title", where, required=True),
                summary=_text(item, "summary", where),
                link=_link(item.get("link")),
            )
        )
    return found


def _list(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = data.get(name)
    if not isinstance(items, list):
        raise BadInput(f"报文缺少数组 {name}。", "请核对报文格式。", field=name)
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise BadInput(f"{name} 的第 {number} 项不是对象。", "请核对报文格式。", field=name)
    return items


def _labels(item: Mapping[str, Any], where: str) -> dict[str, str]:
    found = item.get("labels")
    if not isinstance(found, dict) or not found:
        raise BadInput(f"{where}没有 labels。", "标签决定它是哪一个问题，至少要有一个。")
    return _check_labels(_texts(found, f"{where}的 labels"), where)


def _texts(found: object, where: str) -> dict[str, str]:
    if not isinstance(found, dict):
        raise BadInput(f"{where}应是对象。")
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadInput(f"{where}里「{name[:40]}」的值应是文本。")
    return {name: value.replace("\0", "") for name, value in found.items()}


def _check_labels(labels: dict[str, str], where: str) -> dict[str, str]:
    if len(labels) > MAX_LABELS:
        raise BadInput(f"{where}的标签超过 {MAX_LABELS} 个。")
    for name, value in labels.items():
        if not name or len(name) > 200 or "\0" in name:
            raise BadInput(f"{where}有标签名为空或过长。")
        if len(value) > MAX_VALUE:
            raise BadInput(f"{where}的标签「{name[:40]}」超过 {MAX_VALUE} 个字符。")
    return labels


def _text(
    item: Mapping[str, Any], name: str, where: str = "报文", *, required: bool = False, most: int = 500
) -> str:
    value = item.get(name)
    if value is None or value == "":
        if required:
            raise BadInput(f"{where}缺少 {name}。", field=name)
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadInput(f"{where}的 {name} 应是文本。", field=name)
    text = str(value).replace("\0", "")
    if required and len(text) > most and name in {"key", "event_id", "trigger_id"}:
        raise BadInput(f"{where}的 {name} 超过 {most} 个字符。", field=name)
    return text[:most]


def _time(value: object, where: str, now: datetime) -> datetime:
    """Return a time: RFC 3339 text, or Unix seconds."""
    try:
        if isinstance(value, bool) or value is None:
            raise BadInput("")
        if isinstance(value, int | float) or (isinstance(value, str) and value.isdigit()):
            found = datetime.fromtimestamp(float(value), tz=UTC)
        else:
            text = str(value)
            if text.startswith("0001-"):
                return datetime(1, 1, 1, tzinfo=UTC)
            if "." in text:  # Go writes nanoseconds; six digits are what we keep
                head, _, tail = text.partition(".")
                digits = len(tail) - len(tail.lstrip("0123456789"))
                text = f"{head}.{tail[:digits][:6]}{tail[digits:]}"
            found = parse_instant(text)
    except (BadInput, ValueError, OverflowError, OSError) as error:
        raise BadInput(
            f"{where}不是时间：「{str(value)[:40]}」。", "请使用 RFC 3339 时间或 Unix 秒。"
        ) from error
    if found.tzinfo is None:
        found = found.replace(tzinfo=CHINA)
    if found > now + AHEAD:
        raise BadInput(f"{where}比平台时间晚一小时以上。", "请核对对方系统的时钟。")
    return found


def _link(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text[:500] if text.startswith(("http://", "https://")) else ""
