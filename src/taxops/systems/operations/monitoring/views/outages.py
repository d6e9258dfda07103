"""Pages of outages (中断)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, Interval, Scope, to_millis
from taxops.systems.operations.monitoring import drawing, queries
from taxops.systems.operations.monitoring.rules import Stretch
from taxops.systems.operations.monitoring.words import Severity, Shown
from taxops.web.kit import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Fact,
    ListPage,
    State,
    Tab,
)

from . import badges
from .badges import LIVE, SEVERITY_TONES
from .checks import shown_note


def _subject(outage: Any) -> str:
    return str(outage.system.name if outage.system_id else outage.check_row.name)


def _suppressed(outage: Any) -> str:
    if outage.suppressed_by is None:
        return ""
    said = f"因 {_subject(outage.suppressed_by)} 中断而被抑制"
    if outage.counts_from is None:
        return f"{said}，不计为中断。"
    return f"{said}；此后仍未恢复，从 {_exact(outage.counts_from)} 起计入。"


class OutageList(ListPage):
    """All outages (中断列表)."""

    name = "monitoring-outages"
    path = "operations/outages/"
    title = "中断"
    permission = "monitoring.view"
    scope_field = ""
    columns = [
        Column(name="state", label="状态", kind="state", value=badges.outage_state, sort="ended_at"),
        Column(name="subject", label="对象", value=_subject, sort="", wide=True, link="monitoring-outage"),
        Column(name="of_system", label="系统"),
        Column(
            name="level", label="层级", value=lambda o: "系统" if o.system_id else "检查项", sort="system_id"
        ),
        Column(name="started_at", label="开始", kind="datetime"),
        Column(name="ended_at", label="结束", kind="datetime"),
        Column(name="lasted", label="持续", kind="duration"),
        Column(name="detected_at", label="发现", kind="datetime", hidden=True),
        Column(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Column(name="cause", label="现象", wide=True),
    ]
    filters = [
        BooleanFilter(
            name="open",
            label="状态",
            yes="中断中",
            no="已恢复",
            apply=lambda rows, v: rows.filter(ended_at__isnull=v),
        ),
        BooleanFilter(
            name="systems",
            label="层级",
            yes="系统",
            no="检查项",
            apply=lambda rows, v: rows.filter(system__isnull=not v),
        ),
        ChoiceFilter(name="severity", label="重要程度", choices=Severity, multiple=True),
        DateRangeFilter(name="started", label="开始日期", field="started_at"),
    ]
    search = ["system__name", "check_row__name", "check_row__system__name", "cause"]
    sort = "-started_at"
    detail = "monitoring-outage"
    live_topic = LIVE
    empty = "没有发生过中断。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the outages within the scope."""
        return queries.list_outages(scope, now)


def _about(scope: Scope, now: datetime, outage: Any) -> Mapping[str, Any]:
    """Return the interval drawn with what went before and after, the results that prove it, windows beside it."""
    end = outage.ended_at or now
    beside = queries.windows_beside(outage, now)
    margin = max(timedelta(minutes=1), (end - outage.started_at) * 0.25)
    left, right = outage.started_at - margin, min(now, end + margin)
    line = queries.Timeline(
        "",
        left,
        right,
        [
            Stretch(to_millis(left), to_millis(outage.started_at), Shown.OK),
            Stretch(to_millis(outage.started_at), to_millis(end), Shown.CRITICAL),
            *([Stretch(to_millis(end), to_millis(right), Shown.OK)] if right > end else []),
        ],
        [one.interval for one in beside],
    )
    excluded = queries.exclusions_of(
        [Interval(outage.started_at, end)],
        outage.started_at,
        end,
        check_id=outage.check_row_id,
        system_id=outage.system_id or outage.check_row.system_id,
    )
    proof = queries.proof_of(outage, now)
    return {
        "line": drawing.timeline(line, height=22),
        "begins": left,
        "ends": right,
        "notes": [shown_note(note) for note in proof],
        "leaves": queries.leaves_of(outage, now),
        "windows": [(one, badges.occurrence(one, now)) for one in beside],
        "excluded": excluded,
        "excluded_s": sum(found.seconds for _, found in excluded),
        "counted_s": (end - outage.started_at).total_seconds() - sum(found.seconds for _, found in excluded),
        "alert": getattr(outage, "alert", None),
        "may_run": scope.has("monitoring.run"),
    }


class OutageDetail(DetailPage):
    """One outage (中断)."""

    name = "monitoring-outage"
    path = "operations/outages/<int:pk>/"
    title = "中断"
    permission = "monitoring.view"
    parent = "monitoring-outages"
    template = "operations/monitoring/detail.html"
    audit_kind = "outage"
    live_topic = LIVE
    facts = [
        Fact(name="started_at", label="开始（首个异常结果）", value=lambda o: _exact(o.started_at)),
        Fact(name="ended_at", label="结束（首个正常结果）", value=lambda o: _exact(o.ended_at)),
        Fact(
            name="lasted",
            label="持续",
            kind="duration",
            value=lambda o: (o.ended_at - o.started_at) if o.ended_at else None,
        ),
        Fact(name="detected_at", label="确认中断", value=lambda o: _exact(o.detected_at)),
        Fact(name="recovered_at", label="确认恢复", value=lambda o: _exact(o.recovered_at)),
        Fact(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Fact(name="cause", label="现象", wide=True),
        Fact(
            name="suppressed",
            label="抑制",
            value=_suppressed,
            link=lambda o: f"/operations/outages/{o.suppressed_by_id}/" if o.suppressed_by_id else "",
            wide=True,
        ),
    ]
    tabs = [
        Tab(
            code="about",
            label="经过",
            template="operations/monitoring/outage_about.html",
            context=_about,
            live_topic=LIVE,
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the outage."""
        return queries.get_outage(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return what is down."""
        return f"{_subject(thing)} 中断"

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return badges.outage_state(thing)

    def subheading(self, thing: Any) -> str:
        """Return the system, or why it was withdrawn."""
        if thing.withdrawn_at is not None:
            return f"已撤回：{thing.withdrawn_why}"
        return str(thing.system.description if thing.system_id else thing.check_row.system.name)


def _exact(instant: datetime | None) -> str:
    """Return an instant to the millisecond, as an interval of a contract wants it."""
    return "" if instant is None else instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


PAGES: Sequence[type[Any]] = [OutageList, OutageDetail]
