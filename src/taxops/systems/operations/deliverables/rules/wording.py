"""What differs between two versions, line by line in words (版本差异), and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA
from taxops.engines.documents import Difference, differences
from taxops.systems.operations.availability.rules import exact, percent
from taxops.systems.operations.availability.words import Verdict

NOTHING = "—"
_SECTIONS = {
    "systems": "系统",
    "outages": "中断",
    "exclusions": "剔除",
    "pending": "待审批剔除",
    "alerts": "告警",
    "items": "检查项目",
}
_FIELDS = {
    "availability": "可用率", "downtime_s": "计入中断", "excluded_s": "剔除", "coverage": "监测覆盖率",
    "budget_s": "年度余额",
    "outages": "中断次数", "start": "开始", "end": "结束", "ongoing": "未恢复", "seconds": "时长",
    "counted_s": "计入", "over": "超过每次上限", "cause": "现象", "taken_s": "剔除", "verdict": "结论", "words": "说明",
    "acknowledged_at": "确认时间", "acknowledged_by": "确认人", "resolved_at": "恢复时间", "title": "标题",
    "results": "检查次数", "bad": "异常次数", "checks": "检查项数", "which": "异常检查项", "name": "名称",
    "quiet": "维护期内",
    "decided_by": "批准人", "decided_at": "批准时间", "reason": "说明", "evidence": "佐证",
}  # fmt: skip
_SPANS = {"day": "当日", "month": "本月", "year": "本服务年度"}
_DRAWN = {"hours", "latency"}
"""Sections that only repeat in pictures what stands in tables."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of a version's difference (差异行)."""

    what: str
    before: str
    after: str


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """Return what differs between the inputs of two versions, in words, once each."""
    found = differences(before, after)
    return [
        line for one in found if one.path[0] not in _DRAWN and (line := _line(one, before, after)) is not None
    ]


def _line(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Changed | None:
    section, *rest = one.path
    if section not in _SECTIONS or not rest:
        return Changed("　".join(one.path), _value("", one.before), _value("", one.after))
    label = _SECTIONS[section]
    name = _name(section, rest[0], after) or _name(section, rest[0], before) or rest[0]
    if len(rest) == 1:  # a whole line came or went
        return Changed(f"{label}：{name}", _whole(section, one.before), _whole(section, one.after))
    field = rest[-1]
    if field == "verdict" or (field == "words" and len(rest) == 4):
        rule = _rule(section, rest, after) or _rule(section, rest, before)
        return Changed(
            f"{label}：{name} · {rule}{_FIELDS[field]}", _value(field, one.before), _value(field, one.after)
        )
    if field not in _FIELDS:
        return None
    span = f"{_SPANS[rest[1]]}" if len(rest) == 3 and rest[1] in _SPANS else ""
    return Changed(
        f"{label}：{name} · {span}{_FIELDS[field]}", _value(field, one.before), _value(field, one.after)
    )


def _rows(section: str, inputs: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    for row in inputs.get(section, []):
        if row.get("key") == key:
            yield row


def _name(section: str, key: str, inputs: Mapping[str, Any]) -> str:
    row = next(_rows(section, inputs, key), None)
    if row is None:
        return ""
    if section == "outages":
        return f"{row['system']} {clock(row['start'])}"
    if section in {"exclusions", "pending"}:
        return f"{row['system']} {row['title']} {clock(row['start'])}"
    if section == "items":
        return f"{row['key']} {row['name']}"
    return str(row.get("name") or row.get("title") or key)


def _rule(section: str, rest: list[str], inputs: Mapping[str, Any]) -> str:
    row: Any = next(_rows(section, inputs, rest[0]), {})
    for step in rest[1:-1]:
        row = row.get(step, {})
    return f"「{row['label']}」" if "label" in row else ""


def _whole(section: str, row: object) -> str:
    if not isinstance(row, Mapping):
        return NOTHING
    match section:
        case "outages":
            return f"{clock(row['start'])} – {clock(row['end'])}，计入 {exact(row['counted_s'])}"
        case "exclusions" | "pending":
            by = f"，{row['decided_by']}批准" if row["decided_by"] else ""
            return f"{clock(row['start'])} – {clock(row['end'])}，剔除 {exact(row['taken_s'])}{by}"
        case "alerts":
            return f"{clock(row['opened_at'])} {row['title']}"
    return "有"


def _value(field: str, value: object) -> str:
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if field in {"availability", "coverage"} and isinstance(value, int | float):
        return percent(value)
    if isinstance(value, int | float) and (field.endswith("_s") or field == "seconds"):
        return f"-{exact(-value)}" if value < 0 else exact(value)
    if field == "verdict":
        return Verdict.label_of(str(value))
    if field in {"start", "end"} or field.endswith("_at"):
        return clock(str(value))
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(value)


def is_news(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Test whether the day itself differs, which makes a new version.

    Sums over month and year move with other days; they were true when the paper was made, and the next paper
    tells the new ones.
    """
    return _of_the_day(before) != _of_the_day(after)


_SUMS = frozenset({"month", "year", "rules", "budget_s", "contract", "year_from"})


def _of_the_day(inputs: Mapping[str, Any]) -> dict[str, Any]:
    systems = [{name: value for name, value in row.items() if name not in _SUMS} for row in inputs["systems"]]
    return {**inputs, "systems": systems, "pending": []}


def reasons_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return why a new version was made, in a sentence each: exclusions that came or went, else later results."""
    old = {row["key"]: row for row in before["exclusions"]}
    new = {row["key"]: row for row in after["exclusions"]}
    told: list[str] = []
    for key, row in new.items():
        if key not in old:
            told.append(
                f"剔除「{row['system']} {row['title']}」（{clock(row['start'])} – {clock(row['end'])}）"
                f"由{row['asked_by']}申请、{row['decided_by']}于 {entered(row['decided_at'])} 批准：{row['reason']}"
            )
    for key, row in old.items():
        if key not in new:
            told.append(
                f"剔除「{row['system']} {row['title']}」（{clock(row['start'])} – {clock(row['end'])}）不再成立"
            )
    raw_before = {(row["key"], row["end"]) for row in before["outages"]}
    raw_after = {(row["key"], row["end"]) for row in after["outages"]}
    if raw_before != raw_after:
        told.append("迟到的检查结果更正了中断")
    return "；".join(told) or "补充到达的数据更正了统计"


def entered(text: str) -> str:
    """Return when somebody entered or decided something, to the minute (录入、批准时间).

    >>> entered("2026-11-21T02:00:59.250000Z")
    '11-21 10:00'
    """
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%m-%d %H:%M")


def clock(text: str) -> str:
    """Return a frozen instant as China time to the second; parts of a second only where there are any.

    >>> clock("2026-11-21T02:00:00.250000Z"), clock("2026-11-21T02:00:00.000000Z")
    ('11-21 10:00:00.250', '11-21 10:00:00')
    """
    at = datetime.fromisoformat(text).astimezone(CHINA)
    tail = f".{at.microsecond // 1000:03}" if at.microsecond else ""
    return at.strftime("%m-%d %H:%M:%S") + tail
