"""Pages of routes and escalation policies (告警路由、升级策略): who is told of what, and a way to try it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from taxops.engines.base import BadInput, Scope, TaxopsError, duration_words
from taxops.platform.identity.policy import seeded_roles
from taxops.platform.identity.queries import find_person
from taxops.systems.operations.alerting import forms, queries, services
from taxops.systems.operations.alerting.rules import CALENDARS, plain_words
from taxops.systems.operations.words import Severity
from taxops.web.kit import (
    Action,
    ActionPage,
    Column,
    Confirm,
    Done,
    FormPage,
    ListPage,
    Page,
)

from . import badges
from .badges import LIVE

PERMISSION = "alerting.route"


def _conditions(route: Any) -> str:
    if route.is_default:
        return "其余全部告警"
    parts = []
    if route.org:
        parts.append(f"{route.org.name}及下级")
    if route.systems:
        parts.append("系统 " + "、".join(route.systems))
    if route.severities:
        parts.append("、".join(Severity.label_of(code) for code in route.severities))
    parts += route.matchers
    if route.times:
        parts.append("、".join(CALENDARS.get(name, name) for name in route.times))
    return "；".join(parts) or "全部告警"


def _policy(route: Any) -> str:
    return route.policy.name if route.policy else "不升级"


@cache
def _built_in_roles() -> dict[str, str]:
    return {str(role["code"]): str(role["name"]) for role in seeded_roles()}


def _receiver(text: str) -> str:
    """Return a receiver in words; a role that somebody set up himself shows its code."""
    kind, _, value = text.partition(":")
    known = _built_in_roles() if kind == "role" else {}
    return known.get(value) or plain_words(text)


def _told(route: Any) -> str:
    return "、".join(_receiver(text) for text in route.receivers)


class RouteList(ListPage):
    """The routes in the order in which they are tried (告警路由)."""

    name = "alerting-routes"
    path = "operations/routes/"
    title = "告警路由"
    permission = "monitoring.view"
    scope_field = ""
    note = "从上到下依次匹配，第一条符合的路由决定通知谁；默认路由总在最后，保证每条告警都有去处。"
    columns = [
        Column(name="name", label="名称"),
        Column(name="position", label="顺序", kind="number", value=lambda r: "" if r.is_default else r.position // 10),
        Column(name="conditions", label="条件", value=_conditions, sort="", wide=True),
        Column(name="told", label="通知对象", value=_told, sort="", wide=True),
        Column(name="policy", label="升级策略", value=_policy, sort="policy__name"),
        Column(name="hold", label="非紧急等待", value=lambda r: CALENDARS.get(r.hold, ""), sort=""),
        Column(name="is_enabled", label="启用", kind="bool"),
        Column(name="goes_on", label="继续匹配", kind="bool", hidden=True),
        Column(name="updated_at", label="更新时间", kind="datetime", hidden=True),
    ]  # fmt: skip
    search = ["name"]
    then = ("is_default", "position")
    detail = "alerting-route-edit"
    live_topic = LIVE
    empty = "还没有路由；未建立路由时，所有告警通知责任人员。"
    actions = [
        Action("新建路由", page="alerting-route-new", icon="plus", style="primary"),
        Action("试一试", page="alerting-route-try", icon="player-play"),
        Action("升级策略", page="alerting-policies", icon="stairs-up"),
    ]

    def row_url(self, row: Any) -> str:
        """Lead to the form those who may use it."""
        return super().row_url(row) if self.scope.has(PERMISSION) else ""

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the routes."""
        return queries.list_routes(scope)


class RouteNew(FormPage):
    """Add a route (新建告警路由)."""

    name = "alerting-route-new"
    path = "operations/routes/new/"
    title = "新建告警路由"
    permission = PERMISSION
    parent = "alerting-routes"
    form = forms.RouteForm
    wide = True
    units = {"wait_s": "秒", "interval_s": "秒", "repeat_s": "秒"}
    fieldsets = (
        ("条件", ("name", "is_enabled", "org", "systems", "severities", "matchers", "times", "goes_on")),
        ("通知谁", ("receivers", "people", "policy", "hold")),
        ("怎样通知", ("group_by", "wait_s", "interval_s", "repeat_s")),
    )

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it; the plan is checked as a whole."""
        row = services.save_route(
            scope,
            now=now,
            pk=thing.pk if thing is not None else None,
            org_id=data["org"],
            policy_id=data["policy"],
            values={**data, "receivers": [*data["receivers"], *_people(data["people"])]},
        )
        return Done(f"路由「{row.name}」已保存。", to=self.url("alerting-routes"))


def _people(text: str) -> list[str]:
    found = []
    for name in text.replace("，", ",").split(","):
        if name.strip():
            person = find_person(name.strip())
            if person is None:
                raise BadInput(
                    f"没有用户名为「{name.strip()[:40]}」的人员。", "请核对用户名。", field="people"
                )
            found.append(f"person:{person.pk}")
    return found


class RouteEdit(RouteNew):
    """Change a route (编辑告警路由)."""

    name = "alerting-route-edit"
    path = "operations/routes/<int:pk>/edit/"
    title = "编辑告警路由"
    template = "operations/alerting/route_form.html"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the route."""
        return queries.get_route(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what it is."""
        ids = [int(text[7:]) for text in thing.receivers if text.startswith("person:")]
        names = queries.usernames(ids)
        return {
            **{name: getattr(thing, name) for name in self.form.base_fields if hasattr(thing, name)},
            "org": thing.org_id,
            "policy": thing.policy_id,
            "matchers": "\n".join(thing.matchers),
            "group_by": ", ".join(thing.group_by),
            "receivers": [text for text in thing.receivers if not text.startswith("person:")],
            "people": ", ".join(names),
        }

    def version(self, thing: Any) -> str:
        """Return its version."""
        return str(thing.version)


class RouteMoveUp(ActionPage):
    """Let a route be tried earlier (上移)."""

    name = "alerting-route-up"
    path = "operations/routes/<int:pk>/up/"
    title = "上移路由"
    permission = PERMISSION
    parent = "alerting-routes"
    confirm = "将把「{thing}」提前一位匹配，此后的告警按新顺序决定通知谁。"
    up = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the route."""
        return queries.get_route(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Move it."""
        services.move_route(scope, thing.pk, now=now, up=self.up)
        return Done("顺序已调整。", to=self.url("alerting-routes"))


class RouteMoveDown(RouteMoveUp):
    """Let a route be tried later (下移)."""

    name = "alerting-route-down"
    path = "operations/routes/<int:pk>/down/"
    title = "下移路由"
    confirm = "将把「{thing}」推后一位匹配，此后的告警按新顺序决定通知谁。"
    up = False


class RouteRemove(ActionPage):
    """Take a route away (删除告警路由)."""

    name = "alerting-route-remove"
    path = "operations/routes/<int:pk>/remove/"
    title = "删除告警路由"
    permission = PERMISSION
    parent = "alerting-routes"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the route."""
        return queries.get_route(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say where its alerts will go."""
        return Confirm(f"将删除「{thing}」（{_conditions(thing)}）。它的告警改由后面的路由或默认路由通知。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Remove it."""
        services.remove_route(scope, thing.pk, now=now)
        return Done("路由已删除。", to=self.url("alerting-routes"))


class RouteTry(Page):
    """See which route takes these labels and who would be told (试一试); nothing is told."""

    name = "alerting-route-try"
    path = "operations/routes/try/"
    title = "试一试告警路由"
    permission = "monitoring.view"
    parent = "alerting-routes"
    template = "operations/alerting/try.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what would become of it, or what is wrong with the labels."""
        text = self.request.GET.get("labels", "")[:4000]
        asked = self.request.GET.get("alert", "")
        found: dict[str, Any] = {
            "text": text,
            "recent": list(queries.list_alerts(scope, now).exclude(state="resolved")[:30]),
            "asked": asked,
        }
        try:
            if asked.isdecimal() and len(asked) < 10:
                alert = queries.get_alert(scope, now, int(asked))
                labels = dict(alert.labels)
                found["text"] = "\n".join(f"{name}={value}" for name, value in sorted(labels.items()))
            else:
                labels = services.parse_labels(text)
            if labels:
                found["trials"] = [
                    (trial, duration_words(trial.repeat_s), [
                        (duration_words(step.after_s) if step.after_s else "立即",
                         [(line, badges.outcome(line.outcome)) for line in step.lines])
                        for step in trial.steps
                    ])
                    for trial in services.try_labels(scope, labels, now=now)
                ]  # fmt: skip
        except TaxopsError as error:
            found["problem"] = error
        return found


class PolicyList(ListPage):
    """The escalation policies (升级策略)."""

    name = "alerting-policies"
    path = "operations/escalations/"
    title = "升级策略"
    permission = "monitoring.view"
    scope_field = ""
    parent = "alerting-routes"
    columns = [
        Column(name="name", label="名称"),
        Column(
            name="steps",
            label="步骤",
            value=lambda p: "；".join(
                f"{duration_words(s['after_s'])}后 {'、'.join(_receiver(w) for w in s['receivers'])}"
                for s in p.steps
            ),
            sort="",
            wide=True,
        ),
        Column(name="note", label="说明", wide=True),
        Column(
            name="org", label="所属机构", value=lambda p: p.org.name if p.org else "平台级", sort="org__path"
        ),
    ]
    search = ["name", "note"]
    detail = "alerting-policy-edit"
    empty = "还没有升级策略。"
    actions = [Action("新建升级策略", page="alerting-policy-new", icon="plus", style="primary")]

    def row_url(self, row: Any) -> str:
        """Lead to the form those who may use it."""
        return super().row_url(row) if self.scope.has(PERMISSION) else ""

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the policies."""
        return queries.list_policies(scope)


class PolicyNew(FormPage):
    """Add an escalation policy (新建升级策略)."""

    name = "alerting-policy-new"
    path = "operations/escalations/new/"
    title = "新建升级策略"
    permission = PERMISSION
    parent = "alerting-policies"
    form = forms.PolicyForm
    wide = True
    intro = "从第一次通知算起，到时仍无人确认就通知下一步；有人确认即停止。"
    units = {f"after_{n}": "分钟" for n in range(1, 5)}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        row = services.save_policy(
            scope,
            now=now,
            name=data["name"],
            note=data["note"],
            steps=forms.steps_of(data),
            org_id=data["org"],
            pk=thing.pk if thing is not None else None,
        )
        return Done(f"升级策略「{row.name}」已保存。", to=self.url("alerting-policies"))


class PolicyEdit(PolicyNew):
    """Change an escalation policy (编辑升级策略)."""

    name = "alerting-policy-edit"
    path = "operations/escalations/<int:pk>/edit/"
    title = "编辑升级策略"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the policy."""
        return queries.get_policy(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what it is."""
        found: dict[str, Any] = {"name": thing.name, "note": thing.note, "org": thing.org_id}
        for n, step in enumerate(thing.steps[:4], 1):
            found[f"after_{n}"] = step["after_s"] // 60
            found[f"receivers_{n}"] = step["receivers"]
        return found

    def version(self, thing: Any) -> str:
        """Return its version."""
        return str(thing.version)


PAGES: Sequence[type[Any]] = [
    RouteList,
    RouteTry,
    RouteNew,
    RouteEdit,
    RouteMoveUp,
    RouteMoveDown,
    RouteRemove,
    PolicyList,
    PolicyNew,
    PolicyEdit,
]
