"""Pages of silences (静默): who wants quiet, why, until when; what it would keep quiet, before it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, Scope, TaxopsError
from taxops.systems.operations.alerting import forms, queries, services
from taxops.systems.operations.alerting.rules import silences_for
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
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

PERMISSION = "alerting.silence"
_PHASES = [("running", "生效中"), ("due", "未开始"), ("over", "已结束")]
_TONES = {"running": Tone.SUSPENDED, "due": Tone.ACTIVE, "over": Tone.PLAIN}
_SAMPLE = ("system", "check", "kind", "level")


def _phase(row: Any) -> State:
    return State(dict(_PHASES)[row.phase], _TONES[row.phase])


def _who(row: Any) -> str:
    return str(row.created_by or "系统")


class SilenceList(ListPage):
    """All silences (静默列表), those in force first."""

    name = "alerting-silences"
    path = "operations/silences/"
    title = "静默"
    permission = "monitoring.view"
    note = "静默期间告警照常记录和显示，只是不通知；结束后仍未恢复的会通知。"
    columns = [
        Column(name="phase", label="状态", kind="state", value=_phase, sort="urgency"),
        Column(
            name="matchers", label="匹配条件", value=lambda s: "，".join(s.matchers), sort="", wide=True,
            link="alerting-silence",
        ),
        Column(name="reason", label="原因", wide=True),
        Column(name="created_by", label="建立人", value=_who, sort="created_by__pinyin"),
        Column(name="org", label="适用机构", kind="org", sort="org__path"),
        Column(name="starts_at", label="开始", kind="datetime"),
        Column(name="ends_at", label="结束", kind="datetime"),
        Column(name="ended_at", label="提前结束", kind="datetime", hidden=True),
    ]  # fmt: skip
    filters = [ChoiceFilter(name="phase", label="状态", choices=_PHASES)]
    search = ["reason", "created_by__display_name"]
    sort = "phase"
    detail = "alerting-silence"
    live_topic = LIVE
    empty = "没有静默。可以从告警页面一键新建，匹配条件会自动填好。"
    actions = [
        Action("新建静默", page="alerting-silence-new", icon="plus", style="primary"),
        Action("日历", page="monitoring-window-calendar", icon="calendar-month"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the silences within the scope."""
        return queries.list_silences(scope, now)


def _hidden(scope: Scope, _now: datetime, silence: Any) -> Mapping[str, Any]:
    return _count(scope, silence.matchers, silence.org_id)


def _count(scope: Scope, matchers: Sequence[str], org_id: int | None) -> dict[str, Any]:
    found = queries.would_silence(scope, matchers, org_id)
    return {
        "n": len(found),
        "rows": [(row, badges.alert_state(row), badges.severity(row.severity)) for row in found[:20]],
    }


class SilenceDetail(DetailPage):
    """One silence, with what it keeps quiet now (静默)."""

    name = "alerting-silence"
    path = "operations/silences/<int:pk>/"
    title = "静默"
    permission = "monitoring.view"
    parent = "alerting-silences"
    audit_kind = "alert_silence"
    facts = [
        Fact(name="matchers", label="匹配条件", value=lambda s: "，".join(s.matchers)),
        Fact(name="reason", label="原因"),
        Fact(name="org", label="适用机构", kind="org"),
        Fact(name="created_by", label="建立人", value=_who),
        Fact(name="starts_at", label="开始", kind="datetime"),
        Fact(name="ends_at", label="结束", kind="datetime"),
        Fact(name="ended_by", label="提前结束人", value=lambda s: str(s.ended_by or "")),
        Fact(name="ended_at", label="提前结束", kind="datetime"),
    ]
    actions = [
        Action(
            "提前结束",
            page="alerting-silence-end",
            icon="bell",
            style="danger",
            when=lambda s: s.phase != "over",
        )
    ]
    tabs = [
        Tab(code="hidden", label="匹配的告警", template="operations/alerting/count.html", context=_hidden)
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the silence."""
        return queries.get_silence(scope, now, kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return _phase(thing)


class SilenceNew(FormPage):
    """Make a silence (新建静默)."""

    name = "alerting-silence-new"
    path = "operations/silences/new/"
    title = "新建静默"
    permission = PERMISSION
    parent = "alerting-silences"
    template = "operations/alerting/silence_form.html"
    form = forms.SilenceForm
    submit = "静默"
    intro = "写明为什么、到什么时候。下方随时显示此刻会静默多少条告警。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with two hours from now."""
        local = now.astimezone(CHINA).replace(second=0, microsecond=0, tzinfo=None)
        return {"starts_at": local, "ends_at": local + timedelta(hours=2)}

    def labels_of(self, alert: Any) -> dict[str, Any]:
        """Return an alert's telling labels as conditions, and its organisation."""
        lines = [f"{name}={alert.labels[name]}" for name in _SAMPLE if alert.labels.get(name)]
        return {"matchers": "\n".join(lines), "org": alert.org_id}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        made = services.silence(
            scope,
            now=now,
            org_id=data["org"],
            matchers=data["matchers"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            reason=data["reason"],
        )
        return Done("静默已生效。" if made.starts_at <= now else "静默已建立，到时生效。",
                    to=self.url("alerting-silence", pk=made.pk))  # fmt: skip


class SilenceMany(FormPage):
    """Silence chosen alerts of the inbox together (批量静默)."""

    name = "alerting-silence-many"
    path = "operations/silences/many/"
    title = "静默选中的告警"
    permission = PERMISSION
    parent = "monitoring-alerts"
    template = "operations/alerting/silence_many.html"
    form = forms.SilenceManyForm
    submit = "静默"
    intro = "静默期间这些告警照常记录和显示，只是不通知。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with two hours from now."""
        local = now.astimezone(CHINA).replace(second=0, microsecond=0, tzinfo=None)
        return {"ends_at": local + timedelta(hours=2)}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add the alerts that are meant and the conditions that will name them."""
        form = context.get("form")
        pks = forms.ids_of(str((form["ids"].value() if form is not None else "") or ""))
        rows = list(queries.chosen_alerts(self.scope, pks, PERMISSION)) if pks else []
        plan = silences_for((alert.org_id, alert.labels) for alert in rows)
        found = {
            "rows": [(row, badges.alert_state(row), badges.severity(row.severity)) for row in rows],
            "plan": ["，".join(matchers) for _, matchers in plan],
        }
        return super().show(template, {**context, **found}, status)

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say what else the conditions would keep quiet now."""
        rows = list(queries.chosen_alerts(scope, data["ids"], PERMISSION))
        quiet: set[int] = set()
        plan = silences_for((alert.org_id, alert.labels) for alert in rows)
        for org_id, matchers in plan:
            quiet |= {alert.pk for alert in queries.would_silence(scope, matchers, org_id)}
        more = len(quiet - {alert.pk for alert in rows})
        until = data["ends_at"].astimezone(CHINA).strftime("%m-%d %H:%M")
        text = f"将为选中的 {len(rows)} 条告警建立 {len(plan)} 条静默，到 {until}。"
        text += f"同样的条件此刻还匹配另外 {more} 条未恢复的告警。" if more else "没有别的告警会因此安静。"
        grave = sum(row.severity == "critical" for row in rows)
        return Preview(text, warning=f"其中 {grave} 条是紧急告警。" if grave else "")

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store them."""
        made = services.silence_alerts(
            scope, data["ids"], now=now, ends_at=data["ends_at"], reason=data["reason"]
        )
        return Done(f"已建立 {len(made)} 条静默，可随时提前结束。", to=self.url("alerting-silences"))


class SilenceCount(Page):
    """How many open alerts these conditions would keep quiet now (静默预览); a part of the form."""

    name = "alerting-silence-count"
    path = "operations/silences/count/"
    title = "静默预览"
    permission = "monitoring.view"
    template = "operations/alerting/count_page.html"
    part_template = "operations/alerting/count.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the count and the first of them, or what is wrong with the conditions."""
        asked = self.request.GET
        org = asked.get("org", "")
        try:
            return _count(
                scope,
                asked.get("matchers", "").splitlines(),
                int(org) if org.isdecimal() and len(org) < 10 else None,
            )
        except TaxopsError as error:
            return {"problem": error}


class SilenceEnd(ActionPage):
    """End a silence before its time (提前结束静默)."""

    name = "alerting-silence-end"
    path = "operations/silences/<int:pk>/end/"
    title = "提前结束静默"
    permission = PERMISSION
    parent = "alerting-silence"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the silence."""
        return queries.get_silence(scope, now, kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be heard."""
        n = len(queries.would_silence(scope, thing.matchers, thing.org_id))
        return Confirm(f"将结束静默「{thing}」。此刻匹配的 {n} 条未恢复告警会照常通知。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """End it."""
        services.end_silence(scope, thing.pk, now=now)
        return Done("静默已结束。", to=self.url("alerting-silence", pk=thing.pk))


PAGES: Sequence[type[Any]] = [SilenceList, SilenceMany, SilenceCount, SilenceNew, SilenceDetail, SilenceEnd]
