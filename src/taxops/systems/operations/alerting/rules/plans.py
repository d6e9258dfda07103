"""Plans from rows, receivers, words of notices (告警方案与通知用语). Pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from taxops.engines.alerts import Plan, fingerprint, parse_plan
from taxops.engines.base import CHINA, BadInput, duration_words
from taxops.engines.worktime import shipped, shipped_names
from taxops.systems.operations.alerting.words import Reason
from taxops.systems.operations.words import Severity

from .inhibiting import INHIBITIONS, InhibitionFacts
from .silencing import one_of

URGENT = (Severity.CRITICAL.value, Severity.MAJOR.value)
"""Told at once at any hour; the rest waits until the route's calendar opens (operations.md §5.2)."""

ROOT = "默认路由"
GROUP_BY = ("system",)
ELSE_BY = ("source", "intake")
"""What belongs to no system, or has none of a route's labels, is told by where it comes from."""

LABELS = {
    "source": "来源",
    "level": "层级（system 系统，check 检查项，flapping 抖动，event 事件）",
    "system": "系统代码",
    "check": "检查项编号",
    "kind": "检查类型",
    "zone": "网络区域",
    "severity": "重要程度（critical 紧急，major 重要，minor 一般）",
    "org": "机构路径",
    "item": "监控内容编号",
    "flapping": "抖动的检查项编号",
}
"""The labels that alerts of this platform carry; pushed ones bring their own besides."""

CALENDARS = {
    "always": "全天",
    "onsite7x12": "驻场时间（7:30–12:00，14:30–22:00）",
    "office5x8": "工作日办公时间",
    "legal_working_days": "法定工作日全天",
}
RECEIVERS = {
    "responders": "责任人员（有确认告警权限的人）",
    "duty": "值班人员",
    "role": "角色",
    "person": "个人",
    "channel": "通知渠道",
}
_LEVELS = {
    Severity.CRITICAL.value: "critical",
    Severity.MAJOR.value: "warning",
    Severity.MINOR.value: "info",
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a route names (通知对象): kind and, where it has one, which."""

    kind: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind


def parse_receiver(text: str) -> Receiver:
    """Return the receiver written as `responders`, `duty:line1`, `role:ops_manager`, `person:12`, `channel:wx`.

    Raises:
        BadInput: it is not one of these.
    """
    kind, _, value = text.strip().partition(":")
    if kind not in RECEIVERS:
        raise BadInput(f"通知对象「{text}」无法识别。", f"可用的有：{'、'.join(RECEIVERS)}。")
    if kind in {"role", "person", "channel"} and not value:
        raise BadInput(f"通知对象「{RECEIVERS[kind]}」没有写明是哪一个。", f"请写作 {kind}:代码。")
    if kind == "responders" and value:
        raise BadInput("责任人员不需要再写代码。", "请写作 responders。")
    if kind == "person" and not value.isdecimal():
        raise BadInput("个人应写编号。", "请从列表中选择人员。")
    return Receiver(kind, value.strip())


def plain_words(text: str) -> str:
    """Return a receiver in words where names are not at hand.

    >>> plain_words("role:ops_manager"), plain_words("responders")
    ('角色 ops_manager', '责任人员')
    """
    receiver = parse_receiver(text)
    label = RECEIVERS[receiver.kind].split("（")[0]
    return f"{label} {receiver.value}" if receiver.value else label


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """A route as it stands in its row (告警路由), without the database."""

    id: int
    name: str
    org_path: str = ""
    systems: Sequence[str] = ()
    severities: Sequence[str] = ()
    matchers: Sequence[str] = ()
    times: Sequence[str] = ()
    receivers: Sequence[str] = ("responders",)
    hold: str = ""
    group_by: Sequence[str] = GROUP_BY
    wait_s: int = 0
    interval_s: int = 30
    repeat_s: int = 14_400
    steps: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    goes_on: bool = False


def matchers_of(facts: RouteFacts) -> list[str]:
    """Return a route's conditions as matchers (匹配条件)."""
    found = list(facts.matchers)
    if facts.org_path:
        found.append(f"org^={facts.org_path}")
    for label, values in (("system", facts.systems), ("severity", facts.severities)):
        if len(values) == 1:
            found.append(f"{label}={values[0]}")
        elif values:
            found.append(f"{label}=~{one_of(values)}")
    return found


def plan_of(
    default: RouteFacts,
    routes: Sequence[RouteFacts],
    inhibitions: Sequence[InhibitionFacts] = INHIBITIONS,
) -> Plan:
    """Return the plan of the routes as rows have them; each is named by its id, so that renaming changes nothing.

    Raises:
        BadInput: something in it cannot be.
    """
    for facts in (default, *routes):
        for text in (*facts.receivers, *(who for step in facts.steps for who in step["receivers"])):
            parse_receiver(text)
        for name in (*facts.times, *([facts.hold] if facts.hold else [])):
            if name not in shipped_names():
                raise BadInput(f"没有名为「{name}」的工作日历。", f"可用的有：{'、'.join(CALENDARS)}。")
    root = _as_data(default) | {"routes": [_as_data(facts) for facts in routes]}
    return parse_plan({"route": root, "inhibit": [rule.data for rule in inhibitions]})


def _as_data(facts: RouteFacts) -> dict[str, Any]:
    return {
        "name": str(facts.id),
        "match": matchers_of(facts),
        "receivers": list(facts.receivers),
        "group_by": list(facts.group_by),
        "else_by": list(ELSE_BY),
        "times": list(facts.times),
        "hold": facts.hold,
        "urgent": list(URGENT),
        "wait_s": facts.wait_s,
        "interval_s": facts.interval_s,
        "repeat_s": facts.repeat_s,
        "steps": [dict(step) for step in facts.steps],
        "continue": facts.goes_on,
    }


def is_open(name: str, at_ms: int) -> bool:
    """Test whether a calendar is open; a year that it does not know counts as open, lest an alert be held back."""
    try:
        return shipped(name).is_open(at_ms // 1000)
    except BadInput:
        return True


def worst(severities: Iterable[str]) -> str:
    """Return the gravest of some severities (最重的一个).

    >>> worst(["minor", "critical", "major"])
    'critical'
    """
    order = [member.value for member in Severity]
    return min(severities, key=order.index, default=Severity.MINOR.value)


def level_of(severity: str, reason: str) -> str:
    """Return an alert's severity as a notice's level (通知级别); an end wakes nobody, an escalation does."""
    if reason == Reason.RESOLVED:
        return "info"
    if reason == Reason.ESCALATION and severity in URGENT:
        return "critical"
    return _LEVELS[severity]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as a notice speaks of it (通知中的告警)."""

    title: str
    summary: str
    severity: str
    since_at: datetime
    resolved_at: datetime | None = None
    note: str = ""


_OPENINGS = {
    Reason.NEW.value: "告警",
    Reason.RESOLVED.value: "恢复",
    Reason.REPEAT.value: "仍未恢复",
    Reason.ESCALATION.value: "无人确认，升级",
}


T = TypeVar("T")
MOST_LINES = 20
"""Lines of each sort that a notice has; the rest is a number."""


def gravest(items: Iterable[T], key: Callable[[T], tuple[str, Any]]) -> list[T]:
    """Return the items that a notice names: the gravest, the longest first (点名的告警).

    Args:
        key: gives severity and beginning of an item; an unknown severity counts as the least.
    """
    order = {member.value: place for place, member in enumerate(Severity)}

    def rank(item: T) -> tuple[int, Any]:
        severity, since = key(item)
        return order.get(severity, len(order)), since

    return heapq.nsmallest(MOST_LINES, items, key=rank)


def notice_text(
    reason: str, firing: Sequence[Told], ended: Sequence[Told], *, unseen: int = 0
) -> tuple[str, str]:
    """Return title and body of a notice (通知内容), the gravest first; at most twenty lines of each sort.

    Args:
        unseen: how many more are firing that are only counted.
    """
    named = gravest(firing, lambda t: (t.severity, t.since_at))
    about = ended if reason == Reason.RESOLVED else named
    first = about[0] if about else (named or ended)[0]
    count = len(ended) if reason == Reason.RESOLVED else len(firing) + unseen
    title = f"{_OPENINGS[reason]}：{first.title}" + (f" 等 {count} 项" if count > 1 else "")
    lines = [f"{_clock(t.since_at)} 起 {t.title}" + (f"：{t.summary}" if t.summary else "") for t in named]
    if (others := len(firing) + unseen - len(named)) > 0:
        lines.append(f"……另有 {others} 项未恢复。")
    lines += [_end_line(t) for t in ended[:MOST_LINES]]
    if len(ended) > MOST_LINES:
        lines.append(f"……另有 {len(ended) - MOST_LINES} 项已恢复。")
    if reason == Reason.RESOLVED and firing:
        lines.insert(0, f"仍有 {len(firing) + unseen} 项未恢复：")
    return title[:200], "\n".join(lines)


def _end_line(told: Told) -> str:
    if told.note:
        return f"{told.title}：{told.note}"
    if told.resolved_at is None:
        return f"{told.title}：已恢复。"
    lasted = duration_words(max(0.0, (told.resolved_at - told.since_at).total_seconds()))
    return f"{told.title}：{_clock(told.resolved_at)} 恢复，历时 {lasted}。"


def _clock(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


_PASSING = frozenset({"severity", "flapping"})


def mark_of(labels: Mapping[str, str]) -> str:
    """Return the fingerprint of an alert (指纹): all labels but those that may change while it lasts."""
    return fingerprint({name: value for name, value in labels.items() if name not in _PASSING})
