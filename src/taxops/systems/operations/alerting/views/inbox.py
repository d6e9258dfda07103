"""The inbox of alerts (告警收件箱): open first; who has taken what; one alert with everything that was told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from taxops.engines.base import BadInput, Scope
from taxops.systems.operations.alerting import forms, queries, services
from taxops.systems.operations.alerting.words import AlertState, Source
from taxops.systems.operations.words import Severity
from taxops.web.kit import (
    Action,
    BulkAction,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    Done,
    Filter,
    HiddenFilter,
    Line,
    ListPage,
    OrgFilter,
    Sheet,
)

from . import badges
from .badges import ALERT_TONES, LIVE, SEVERITY_TONES

WHOLE = "g"
"""Before the key of a row that stands for its group."""
MOST_UNFOLDED = 100
"""Members shown in place; a larger group opens as a list of its own."""


def _acknowledge(scope: Scope, now: datetime, rows: Any) -> Done:
    pks = list(rows.values_list("pk", flat=True))
    return Done(f"已确认 {services.acknowledge_many(scope, pks, now=now)} 条告警。")


class Mine(Filter):
    """What concerns the reader: taken by him, told to him, or under his duty (与我有关)."""

    kind = "choice"
    multiple = False

    def parse(self, params: QueryDict, scope: Scope, now: datetime) -> Any:
        """Return the condition.

        Raises:
            BadInput: something else was asked.
        """
        text = params.get(self.name, "")
        if text not in {"", "1"}:
            raise BadInput(f"「{self.label}」没有「{text[:40]}」这个选项。")
        return queries.mine(scope, now) if text else None

    def condition(self, value: Any) -> Q:
        """Return the condition."""
        found: Q = value
        return found

    def words(self, value: Any, scope: Scope, now: datetime) -> str:
        """Say it."""
        return "与我有关"

    def options(self, scope: Scope, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the one answer."""
        return (("1", "与我有关"),)


def _same_group(rows: Any, value: str) -> Any:
    chosen = rows.filter(pk__in=forms.ids_of(value)).exclude(group_key="")
    return rows.filter(group_key__in=chosen.order_by().values("group_key"))


def _unfold(alert: Any) -> SafeString | str:
    """Return the button that unfolds an alert's group, when it stands for one."""
    url = getattr(alert, "fold_url", "")
    if not url:
        return ""
    if alert.members > MOST_UNFOLDED:
        return format_html('<a class="tx-unfold" href="{}">全部 {} 条</a>', url, alert.members)
    return format_html(
        '<a class="tx-unfold" data-unfold href="{}" hx-get="{}" hx-target="#list-body" hx-swap="outerHTML"'
        ' aria-expanded="{}" aria-label="{}">{} 条</a>',
        url, url, "true" if alert.is_unfolded else "false",
        "收起同组告警" if alert.is_unfolded else "展开同组告警", alert.members,
    )  # fmt: skip


class AlertList(ListPage):
    """The inbox of alerts (告警收件箱): what is open, group by group, the gravest first."""

    name = "monitoring-alerts"
    path = "operations/alerts/"
    title = "告警收件箱"
    permission = "monitoring.view"
    note = "未恢复的告警按分组折叠，勾选一组即整组操作。「与我有关」指通知过我、由我确认，或在我值班范围内的告警。"
    columns = [
        Column(
            name="state", label="状态", kind="state", choices=AlertState, tones=ALERT_TONES, sort="urgency"
        ),
        Column(
            name="severity",
            label="重要程度",
            kind="state",
            choices=Severity,
            tones=SEVERITY_TONES,
            sort="gravity",
        ),
        Column(name="title", label="告警", wide=True, link="alerting-alert", card="title"),
        Column(name="group", label="同组", kind="html", value=_unfold, sort="", exported=False),
        Column(name="summary", label="现象", wide=True),
        Column(name="opened_at", label="告警时间", kind="datetime"),
        Column(name="lasted", label="持续", kind="duration"),
        Column(
            name="acknowledged_by",
            label="确认人",
            value=lambda a: str(a.acknowledged_by or ""),
            sort="acknowledged_by__pinyin",
        ),
        Column(name="acknowledged_note", label="处理说明", sort="", hidden=True),
        Column(name="source", label="来源", value=lambda a: Source.label_of(a.source), hidden=True),
        Column(name="unsaid", label="不通知", value=badges.unsaid, sort=""),
        Column(name="resolved_at", label="恢复时间", kind="datetime", hidden=True),
    ]
    filters = [
        ChoiceFilter(
            name="state",
            label="状态",
            choices=AlertState,
            multiple=True,
            default=(AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value),
        ),
        Mine(name="mine", label="我的"),
        ChoiceFilter(name="severity", label="重要程度", choices=Severity, multiple=True),
        ChoiceFilter(name="view", label="排列", choices=[("flat", "逐条")], apply=lambda rows, _value: rows),
        ChoiceFilter(name="source", label="来源", choices=Source, multiple=True),
        DateRangeFilter(name="opened", label="日期", field="opened_at"),
        OrgFilter(name="org", label="机构", field="org__path"),
        HiddenFilter(name="group", label="同组", apply=_same_group),
        HiddenFilter(name="open", label="展开"),
    ]
    search = ["title", "summary", "system__name"]
    sort = "state"
    then = ("gravity", "-opened_at")
    detail = "alerting-alert"
    live_topic = LIVE
    empty = "没有未恢复的告警。"
    actions = [Action("试一试路由", page="alerting-route-try", icon="player-play")]
    bulk = [
        BulkAction(code="acknowledge", label="确认", permission="monitoring.run", run=_acknowledge, key="a",
                   confirm="将确认 {n} 条告警，表示您已在处理；重复通知和升级随之停止。", icon="check"),
        BulkAction(code="silence", label="静默", permission="alerting.silence", page="alerting-silence-many",
                   key="s", icon="bell-off"),
    ]  # fmt: skip

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the alerts within the scope."""
        return queries.list_alerts(scope, now)

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return what waits, what is grave, what is mine, what is taken."""
        found = queries.figures(scope, queries.mine(scope, now))
        return (
            ("待确认", found["waits"], "?state=open"),
            ("待确认的紧急告警", found["grave"], "?state=open&severity=critical"),
            ("与我有关", found["own"], "?mine=1"),
            ("已确认未恢复", found["taken"], "?state=acknowledged"),
        )

    def row_tone(self, row: Any) -> str:
        """Mark what is grave and waits."""
        return "bad" if row.state == AlertState.OPEN and row.severity == Severity.CRITICAL else ""

    # -- groups -----------------------------------------------------------------------------

    def folds(self, asked: Any) -> bool:
        """Test whether groups are folded: only what is not over is told in groups."""
        states = asked.values.get("state")
        shut = {"view", "group"} & asked.values.keys()
        return not shut and bool(states) and AlertState.RESOLVED.value not in states

    @cached_property
    def unfolded(self) -> Mapping[int, str]:
        """The groups that the address unfolds, by the alert that names each; one query when there are any."""
        pks = forms.ids_of(self.asked.values.get("open", ""))
        return queries.groups_of(self.scope, pks) if pks else {}

    @cached_property
    def stands_for(self) -> dict[str, str]:
        """The groups of the rows shown that stand for one, by the row's key."""
        return {}

    def paged(self, asked: Any) -> Any:
        """Return one alert of each group."""
        ordered = self.ordered(asked)
        return queries.folded(ordered) if self.folds(asked) else ordered

    def line(self, row: Any) -> Line:
        """Return a row; one that stands for a group leads to its members and is ticked for all of them."""
        if getattr(row, "members", 1) < 2:
            return super().line(row)
        row.is_unfolded = row.group_key in self.unfolded.values()
        row.fold_url = self._fold_url(row)
        self.stands_for[f"{WHOLE}{row.pk}"] = row.group_key
        return replace(super().line(row), pk=f"{WHOLE}{row.pk}")

    def _fold_url(self, row: Any) -> str:
        if row.members > MOST_UNFOLDED:
            return self.asked.url(open=None, group=row.pk, view="flat")
        others = [pk for pk, key in self.unfolded.items() if key != row.group_key]
        wanted = others if row.is_unfolded else [*others, row.pk]
        page = self.asked.page if self.asked.page > 1 else None
        return self.asked.url(open=",".join(map(str, wanted)) or None, page=page)

    def sheet(self, asked: Any) -> Sheet:
        """Return one screenful: groups, and below an unfolded one its members, the one that stands for it too."""
        sheet = super().sheet(asked)
        if not self.folds(asked):
            return sheet
        open_ = set(self.unfolded.values()) & set(self.stands_for.values())
        inner: dict[str, list[Line]] = {key: [] for key in open_}
        if open_:
            for row in self.ordered(asked).filter(group_key__in=open_)[: MOST_UNFOLDED * 10]:
                inner[row.group_key].append(replace(self.line(row), inner=True))
        lines: list[Line] = []
        for line in sheet.lines:
            lines.append(line)
            lines += inner.get(self.stands_for.get(str(line.pk), ""), ())
        return replace(sheet, lines=lines, whole=self.matching(asked).order_by().count())

    def ticked_ids(self, request: HttpRequest) -> list[str]:
        """Return the alerts ticked; a ticked group stands for those of its members that the conditions let through."""
        ids = super().ticked_ids(request)
        heads = forms.ids_of(",".join(one[1:] for one in ids if one.startswith(WHOLE)))
        if not heads:
            return ids
        asked = self.read(QueryDict(request.POST.get("back", "").removeprefix("?")))
        keys = set(queries.groups_of(self.scope, heads).values())
        members = self.matching(asked).filter(group_key__in=keys).order_by().values_list("pk", flat=True)
        own = [one for one in ids if not one.startswith(WHOLE)]
        return [*own, *(str(pk) for pk in members if str(pk) not in own)]


PAGES: Sequence[type[Any]] = [AlertList]
