"""Trying a route (试一试): which one takes these labels, who would be told now and at each step, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.engines.alerts import Alert as Live
from taxops.engines.base import BadInput, Scope, to_millis
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.queries import notices, people

from .keeping import load_desk
from .telling import Finder

VIEW = "monitoring.view"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of what would be told (试算步骤)."""

    after_s: int
    lines: list[notices.Line]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of an alert with these labels (试算结果)."""

    labels: Mapping[str, str]
    route: str
    quiet: str
    repeat_s: int
    steps: list[Step]


def parse_labels(text: str) -> dict[str, str]:
    """Return labels written one a line or separated by commas: `system=fpcy, severity=critical`.

    Raises:
        BadInput: a part is not written so; names it.
    """
    found: dict[str, str] = {}
    for number, part in enumerate(text.replace("，", ",").replace("\n", ",").split(","), 1):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise BadInput(
                f"第 {number} 个标签「{part.strip()[:40]}」无法识别。", "请写作 名称=值，一行一个。"
            )
        found[name.strip()] = value.strip().strip('"')
    if len(found) > 60:
        raise BadInput("标签不能超过 60 个。")
    return found


def try_labels(scope: Scope, labels: Mapping[str, str], *, now: datetime) -> list[Trial]:
    """Return for each route that takes these labels now who would be told at once and at each step.

    Nothing is told. The organisation is that of the label `org`, or the actor's own range without it.

    Raises:
        NotPermitted: the actor may not see alerts there.
    """
    scope.require(VIEW, labels.get("org"))
    path = labels.get("org") or (scope.paths(VIEW) or ("",))[0]
    now_ms = to_millis(now)
    desk = load_desk()
    alert = Live(rules.mark_of(labels), dict(labels), now_ms, None, now_ms, "")
    names = notices.route_names()
    roles = people.role_names()
    paths = [path] if path else []
    finder = Finder(paths, now)
    found = []
    for route in desk.routes_of(labels, now_ms):
        steps = [(0, route.receivers), *((step.after_s, step.receivers) for step in route.steps)]
        found.append(
            Trial(
                labels,
                names.get(route.name, rules.ROOT),
                desk.quiet_because(alert, now_ms, route) or "",
                route.repeat_s,
                [Step(after, _lines(finder, receivers, paths, roles)) for after, receivers in steps],
            )
        )
    return found


def _lines(
    finder: Finder, receivers: tuple[str, ...], paths: list[str], roles: dict[str, str]
) -> list[notices.Line]:
    told: list[dict[str, Any]] = finder.reach(receivers, paths).outcomes
    names = people.names_of([pk for outcome in told for pk in outcome["people"]])
    return [
        notices.Line(
            notices.receiver_words(one["receiver"], names, roles),
            one["outcome"],
            [names.get(pk, str(pk)) for pk in one["people"]],
            one["why"],
        )
        for one in told
    ]
