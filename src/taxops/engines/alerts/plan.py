"""The plan (告警方案): routes, inhibitions and silences, as data that is checked before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from taxops.engines.base import BadInput

from .matching import Matcher, all_hold, parse_matchers


@dataclass(frozen=True, slots=True)
class Step:
    """An escalation (升级): whom to tell when nobody has acknowledged for `after_s` seconds."""

    after_s: int
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Where matching alerts go (告警路由). Children inherit what they do not say.

    Args:
        name: shown on delivery logs.
        matchers: all must hold.
        receivers: roles, people or channels, named; resolved outside (`on_duty`, `role:bureau_admin`, …).
        group_by: labels whose values make one group of notices.
        else_by: labels that do so for what has none of those.
        wait_s: seconds to collect before the first notice of a group.
        interval_s: seconds between notices of a group that changes.
        repeat_s: seconds after which an unchanged group is told again.
        times: names of calendars; the route holds only while one of them is open. Empty: always.
        steps: escalations, by growing time.
        hold: name of a calendar; what is not urgent is told only while it is open. Empty: always told.
        urgent: severities that are told at once all the same.
        goes_on: whether siblings after this one are tried too.
        children: narrower routes; the first that holds wins.
    """

    name: str
    matchers: tuple[Matcher, ...] = ()
    receivers: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ("system",)
    else_by: tuple[str, ...] = ()
    wait_s: int = 10
    interval_s: int = 60
    repeat_s: int = 4 * 3600
    times: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    hold: str = ""
    urgent: tuple[str, ...] = ("critical", "major")
    goes_on: bool = False
    children: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While a source fires, its targets are not told (抑制): a dead line hides what hangs behind it.

    Args:
        source: what must fire.
        target: what is then kept quiet.
        equal: labels that must have the same value in both.
        reason: said on the page of the target.
        ends: whether the end of a target that was told before is held back too; else everybody who heard of its
            beginning hears of its end.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    reason: str = ""
    ends: bool = False

    def is_source(self, labels: Mapping[str, str]) -> bool:
        """Test whether an alert with these labels makes others quiet."""
        return all_hold(self.source, labels)

    def is_target(self, labels: Mapping[str, str]) -> bool:
        """Test whether it is made quiet; never what is a source itself, lest two keep each other quiet for ever."""
        return all_hold(self.target, labels) and not all_hold(self.source, labels)

    def key(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values that source and target must share."""
        return tuple(labels.get(name, "") for name in self.equal)


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody wants quiet for a while (静默): who, why and until when are part of it."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_ms: int
    ends_ms: int
    who: str
    why: str

    def holds(self, labels: Mapping[str, str], at_ms: int) -> bool:
        """Test whether it keeps these labels quiet at that instant."""
        return self.starts_ms <= at_ms < self.ends_ms and all_hold(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides who is told (告警方案)."""

    route: Route
    inhibitions: tuple[Inhibition, ...] = ()
    routes: Mapping[str, Route] = field(default_factory=dict)


_SECONDS = {"wait_s": (0, 3600), "interval_s": (1, 86400), "repeat_s": (60, 30 * 86400)}
_KNOWN = {
    "name",
    "match",
    "receivers",
    "group_by",
    "else_by",
    "times",
    "steps",
    "hold",
    "urgent",
    "continue",
    "routes",
    *_SECONDS,
}


def parse_plan(data: Mapping[str, Any]) -> Plan:
    """Return the plan of its JSON form: `{"route": {…, "routes": […]}, "inhibit": […]}`.

    Raises:
        BadInput: something in it cannot be; names the place.
    """
    if not isinstance(data.get("route"), Mapping):
        raise BadInput("告警方案没有根路由。", "请给出 route。")
    named: dict[str, Route] = {}
    root = _route(data["route"], Route("根路由"), "根路由", named, 0)
    if root.matchers:
        raise BadInput("根路由不能有匹配条件，否则会有告警无处可去。")
    if not root.receivers:
        raise BadInput("根路由没有接收人。", "请至少写一个接收人，例如 on_duty。")
    inhibitions = []
    for item in data.get("inhibit") or []:
        source, target = parse_matchers(item.get("source", [])), parse_matchers(item.get("target", []))
        if not source or not target:
            raise BadInput("抑制规则应同时写出 source 和 target。")
        inhibitions.append(
            Inhibition(
                source,
                target,
                tuple(item.get("equal", [])),
                str(item.get("reason", "")),
                bool(item.get("ends", False)),
            )
        )
    return Plan(root, tuple(inhibitions), named)


def _route(data: Mapping[str, Any], parent: Route, name: str, named: dict[str, Route], depth: int) -> Route:
    if depth > 8:
        raise BadInput("告警路由嵌套超过 8 层。")
    if unknown := set(data) - _KNOWN:
        raise BadInput(f"路由「{name}」里有不认识的项：{'、'.join(sorted(unknown))}。")
    name = str(data.get("name") or name)
    if name in named:
        raise BadInput(f"路由名「{name}」重复。")
    numbers = {}
    for key, (low, high) in _SECONDS.items():
        value = data.get(key, getattr(parent, key))
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadInput(f"路由「{name}」的 {key} 应是 {low} 到 {high} 之间的整数（秒）。")
        numbers[key] = value
    route = Route(
        name=name,
        matchers=parse_matchers(data.get("match", [])),
        receivers=tuple(data.get("receivers", parent.receivers)),
        group_by=tuple(data.get("group_by", parent.group_by)),
        else_by=tuple(data.get("else_by", parent.else_by)),
        times=tuple(data.get("times", ())),
        steps=_steps(data["steps"], name) if "steps" in data else parent.steps,
        hold=str(data.get("hold", parent.hold)),
        urgent=tuple(data.get("urgent", parent.urgent)),
        goes_on=bool(data.get("continue", False)),
        wait_s=numbers["wait_s"],
        interval_s=numbers["interval_s"],
        repeat_s=numbers["repeat_s"],
    )
    named[name] = route
    below = [
        _route(child, route, f"{name}/{number}", named, depth + 1)
        for number, child in enumerate(data.get("routes", []), start=1)
    ]
    whole = _with_children(route, below)
    named[name] = whole
    return whole


def _with_children(route: Route, children: Sequence[Route]) -> Route:
    return replace(route, children=tuple(children))


def _steps(items: Sequence[Mapping[str, Any]], name: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in items:
        after = item.get("after_s")
        if (
            isinstance(after, bool)
            or not isinstance(after, int)
            or after <= (steps[-1].after_s if steps else 0)
        ):
            raise BadInput(f"路由「{name}」的升级时间应是逐级增大的正整数（秒）。")
        if not item.get("receivers"):
            raise BadInput(f"路由「{name}」的升级没有接收人。")
        steps.append(Step(after, tuple(item["receivers"])))
    return tuple(steps)
