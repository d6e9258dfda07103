"""Pages of inhibitions (抑制规则): what keeps what quiet, what it does now, and what it would do before it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Scope, TaxopsError
from taxops.systems.operations.alerting import forms, queries, services
from taxops.systems.operations.alerting.rules import InhibitionFacts, accept_inhibition
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    Page,
    Preview,
    State,
    Tab,
    Tone,
)

from . import badges
from .badges import LIVE

PERMISSION = "alerting.inhibit"


def _state(row: Any) -> State:
    return State("已停用", Tone.PLAIN) if row.retired_at else State("启用", Tone.GOOD)


def _org(row: Any) -> str:
    return f"{row.org.name}及下级" if row.org else "平台级"


def _equal(row: Any) -> str:
    return "、".join(row.equal) or "不比较"


class InhibitionList(ListPage):
    """The inhibitions, those in force first (抑制规则列表)."""

    name = "alerting-inhibitions"
    path = "operations/inhibitions/"
    title = "抑制规则"
    permission = "monitoring.view"
    scope_field = ""
    note = "起因未恢复时，被抑制的告警照常记录和显示，只是不通知；起因恢复后仍未好转的会通知。"
    columns = [
        Column(name="state", label="状态", kind="state", value=_state, sort="is_retired"),
        Column(name="name", label="名称", link="alerting-inhibition"),
        Column(name="source", label="起因", value=lambda r: "，".join(r.source), sort="", wide=True),
        Column(name="target", label="被抑制", value=lambda r: "，".join(r.target), sort="", wide=True),
        Column(name="equal", label="须相同", value=_equal, sort=""),
        Column(name="org", label="适用机构", value=_org, sort="org__path"),
        Column(name="reason", label="说明", wide=True, hidden=True),
        Column(name="updated_at", label="更新时间", kind="datetime", hidden=True),
    ]
    filters = [BooleanFilter(name="retired", label="状态", field="is_retired", yes="已停用", no="启用")]
    search = ["name", "reason"]
    sort = "state"
    detail = "alerting-inhibition"
    live_topic = LIVE
    empty = "还没有抑制规则。"
    actions = [
        Action("新建抑制规则", page="alerting-inhibition-new", icon="plus", style="primary"),
        Action("试一试告警路由", page="alerting-route-try", icon="player-play"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the inhibitions."""
        return queries.list_inhibitions(scope)


def _facts(row: Any) -> InhibitionFacts:
    return InhibitionFacts(tuple(row.source), tuple(row.target), tuple(row.equal), row.reason, row.name)


def _held(scope: Scope, facts: InhibitionFacts, org_id: int | None) -> dict[str, Any]:
    found = queries.would_inhibit(scope, facts, org_id)
    return {"n": len(found), "rows": [(one, badges.severity(one.alert.severity)) for one in found[:20]]}


def _now(scope: Scope, _now: datetime, row: Any) -> Mapping[str, Any]:
    return {**_held(scope, _facts(row), row.org_id), "retired": row.retired_at is not None}


class InhibitionDetail(DetailPage):
    """One inhibition, with what it keeps quiet now (抑制规则)."""

    name = "alerting-inhibition"
    path = "operations/inhibitions/<int:pk>/"
    title = "抑制规则"
    permission = "monitoring.view"
    parent = "alerting-inhibitions"
    audit_kind = "alert_inhibition"
    history_labels = {"source": "起因", "target": "被抑制", "equal": "须相同的标签", "retired_at": "停用时间"}
    history_actions = {
        "alert_inhibition.add": "新建",
        "alert_inhibition.edit": "编辑",
        "alert_inhibition.retire": "停用",
        "alert_inhibition.restore": "恢复",
    }
    facts = [
        Fact(name="source", label="起因", value=lambda r: "，".join(r.source)),
        Fact(name="target", label="被抑制", value=lambda r: "，".join(r.target)),
        Fact(name="equal", label="须相同的标签", value=_equal),
        Fact(name="org", label="适用机构", value=_org),
        Fact(name="reason", label="说明"),
        Fact(name="builtin", label="来历", value=lambda r: "内置" if r.code else "自建"),
        Fact(name="updated_at", label="更新时间", kind="datetime"),
        Fact(name="retired_at", label="停用时间", kind="datetime"),
    ]
    actions = [
        Action("编辑", page="alerting-inhibition-edit", icon="pencil"),
        Action(
            "停用",
            page="alerting-inhibition-retire",
            icon="ban",
            style="danger",
            when=lambda r: r.retired_at is None,
        ),
        Action(
            "恢复",
            page="alerting-inhibition-restore",
            icon="restore",
            when=lambda r: r.retired_at is not None,
        ),
    ]
    tabs = [
        Tab(
            code="now",
            label="此刻抑制的告警",
            template="operations/alerting/held.html",
            context=_now,
            live_topic=LIVE,
        )
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the inhibition."""
        return queries.get_inhibition(scope, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return _state(thing)


class InhibitionNew(FormPage):
    """Add an inhibition (新建抑制规则)."""

    name = "alerting-inhibition-new"
    path = "operations/inhibitions/new/"
    title = "新建抑制规则"
    permission = PERMISSION
    parent = "alerting-inhibitions"
    template = "operations/alerting/inhibition_form.html"
    form = forms.InhibitionForm
    intro = "下方随时显示此刻会抑制哪些告警、因为哪一条。保存前再确认一次。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say how many alerts it would keep quiet now."""
        facts = accept_inhibition(forms.inhibition_facts(data))
        found = queries.would_inhibit(scope, facts, data["org"])
        held = len({one.alert.pk for one in found})
        text = f"此刻会有 {held} 条未恢复的告警因「{facts.name}」不再单独通知"
        names = "、".join(one.alert.title for one in found[:3])
        text += f"：{names}{' 等' if held > 3 else ''}。" if held else "；此后符合条件的告警照此处理。"
        grave = sum(one.alert.severity == "critical" for one in found)
        return Preview(text, warning=f"其中 {grave} 条是紧急告警，请确认起因会通知到人。" if grave else "")

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        row = services.save_inhibition(
            scope,
            now=now,
            facts=forms.inhibition_facts(data),
            org_id=data["org"],
            pk=thing.pk if thing is not None else None,
        )
        return Done(f"抑制规则「{row.name}」已保存。", to=self.url("alerting-inhibition", pk=row.pk))


class InhibitionEdit(InhibitionNew):
    """Change an inhibition (编辑抑制规则)."""

    name = "alerting-inhibition-edit"
    path = "operations/inhibitions/<int:pk>/edit/"
    title = "编辑抑制规则"
    parent = "alerting-inhibition"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the inhibition."""
        return queries.get_inhibition(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with what it is."""
        return {
            "name": thing.name,
            "org": thing.org_id,
            "source": "\n".join(thing.source),
            "target": "\n".join(thing.target),
            "equal": "，".join(thing.equal),
            "reason": thing.reason,
        }

    def version(self, thing: Any) -> str:
        """Return its version."""
        return str(thing.version)


class InhibitionCount(Page):
    """Which open alerts these conditions would keep quiet now (抑制试算); a part of the form."""

    name = "alerting-inhibition-count"
    path = "operations/inhibitions/count/"
    title = "抑制试算"
    permission = "monitoring.view"
    parent = "alerting-inhibitions"
    template = "operations/alerting/held_page.html"
    part_template = "operations/alerting/held.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the alerts, or what is wrong with the conditions."""
        asked = self.request.GET
        org = asked.get("org", "")
        try:
            if any(len(asked.get(name, "")) > 2000 or "\x00" in asked.get(name, "") for name in asked):
                raise BadInput("条件过长或含有无法识别的字符。", "请缩短后再试。")
            return _held(
                scope,
                forms.inhibition_facts(asked),
                int(org) if org.isdecimal() and len(org) < 10 else None,
            )
        except TaxopsError as error:
            return {"problem": error}


class InhibitionRetire(ActionPage):
    """Let an inhibition count no more (停用抑制规则)."""

    name = "alerting-inhibition-retire"
    path = "operations/inhibitions/<int:pk>/retire/"
    title = "停用抑制规则"
    permission = PERMISSION
    parent = "alerting-inhibition"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the inhibition."""
        return queries.get_inhibition(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be heard."""
        n = len(queries.would_inhibit(scope, _facts(thing), thing.org_id))
        return Confirm(f"将停用「{thing}」。此刻被它抑制的 {n} 条告警会照常通知。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Retire it."""
        services.retire_inhibition(scope, thing.pk, now=now)
        return Done("抑制规则已停用。", to=self.url("alerting-inhibition", pk=thing.pk),
                    undo=("alerting-inhibition-restore", {"pk": thing.pk}))  # fmt: skip


class InhibitionRestore(ActionPage):
    """Let a retired inhibition count again (恢复抑制规则)."""

    name = "alerting-inhibition-restore"
    path = "operations/inhibitions/<int:pk>/restore/"
    title = "恢复抑制规则"
    permission = PERMISSION
    parent = "alerting-inhibition"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the inhibition."""
        return queries.get_inhibition(scope, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be kept quiet."""
        n = len(queries.would_inhibit(scope, _facts(thing), thing.org_id))
        return Confirm(f"将恢复「{thing}」。此刻有 {n} 条告警会被它抑制，不再单独通知。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Restore it."""
        services.restore_inhibition(scope, thing.pk, now=now)
        return Done("抑制规则已恢复。", to=self.url("alerting-inhibition", pk=thing.pk))


PAGES: Sequence[type[Any]] = [
    InhibitionList,
    InhibitionCount,
    InhibitionNew,
    InhibitionDetail,
    InhibitionEdit,
    InhibitionRetire,
    InhibitionRestore,
]
