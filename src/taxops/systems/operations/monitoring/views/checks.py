"""Pages of checks (检查项): list, one check, what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from taxops.engines.base import CHINA, Scope, from_millis
from taxops.engines.checks import check_kinds
from taxops.systems.operations.monitoring import drawing, queries, services
from taxops.systems.operations.monitoring.items import all_items, item_name
from taxops.systems.operations.monitoring.words import Severity, Shown, Zone
from taxops.web.kit import (
    Action,
    BulkAction,
    Chart,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    ListPage,
    OrgFilter,
    Series,
    State,
    Tab,
    differences,
)

from . import badges
from .badges import LIVE, SEVERITY_TONES


def _kinds(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(name, kind.title) for name, kind in check_kinds.items()]


def _kind_title(check: Any) -> str:
    return check_kinds.get(check.kind).title if check.kind in check_kinds else str(check.kind)


def _system_link(check: Any) -> str:
    return f"/operations/systems/{check.system_id}/"


def _suppressed(check: Any) -> str:
    """Say whose doing the check's failure is (抑制来源)."""
    by = check.suppressor
    return "" if by is None else f"因 {by.check_row or by.system} 中断而被抑制"


def _suppressor(check: Any) -> str:
    return "" if check.suppressor is None else f"/operations/outages/{check.suppressor.pk}/"


def _none(_check: Any) -> Mapping[str, Any]:
    """Return no arguments: the page is about all checks."""
    return {}


def _systems(scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [
        (str(pk), name)
        for pk, name in queries.systems_for(scope, "monitoring.view").values_list("pk", "name")
    ]


def _items(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(item.code, f"{item.code} {item.name}") for item in all_items()]


def _assets(scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(str(pk), f"{name}（{code}）") for pk, code, name in queries.watched_assets(scope)]


def _switch(enabled: bool) -> Any:
    def run(scope: Scope, now: datetime, rows: Any) -> Done:
        count = services.switch_checks(
            scope, list(rows.values_list("pk", flat=True)), now=now, enabled=enabled
        )
        return Done(f"已{'启用' if enabled else '停用'} {count} 个检查项。")

    return run


class CheckList(ListPage):
    """All checks (检查项列表)."""

    name = "monitoring-checks"
    path = "operations/checks/"
    title = "检查项"
    permission = "monitoring.view"
    scope_field = "system__org__path"
    columns = [
        Column(name="shown", label="状态", kind="state", value=lambda c: badges.shown(c.shown), sort="shown_rank"),
        Column(name="name", label="名称", wide=True, link="monitoring-check"),
        Column(name="system", label="系统", value=lambda c: c.system.name, sort="system__sort",
               link=_system_link),
        Column(name="kind", label="类型", value=_kind_title, sort="kind"),
        Column(name="item", label="监控内容", help="招标文件的编号"),
        Column(name="zone", label="区域", choices=Zone),
        Column(name="last", label="最近结果", kind="datetime", value=badges.last_result, sort="state__last_at_ms"),
        Column(name="took", label="耗时", kind="number", unit="毫秒", digits=1, value=badges.took_ms,
               sort="state__duration_us"),
        Column(name="message", label="最近说明", value=lambda c: c.state.message, sort="", wide=True),
        Column(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES, hidden=True),
        Column(name="target", label="检查对象", hidden=True),
        Column(name="interval_s", label="间隔", kind="number", unit="秒", hidden=True),
        Column(name="org", label="机构", kind="org", value=lambda c: c.system.org, sort="system__org__path",
               hidden=True),
        Column(name="code", label="编号", hidden=True),
    ]  # fmt: skip
    filters = [
        ChoiceFilter(name="shown", label="状态", choices=Shown, multiple=True),
        ChoiceFilter(name="system", label="系统", field="system_id", choices=_systems, multiple=True),
        ChoiceFilter(name="kind", label="类型", choices=_kinds, multiple=True),
        ChoiceFilter(name="zone", label="区域", choices=Zone, multiple=True),
        ChoiceFilter(name="item", label="监控内容", choices=_items, multiple=True),
        ChoiceFilter(name="severity", label="重要程度", choices=Severity, multiple=True),
        ChoiceFilter(name="asset", label="资产", field="asset_id", choices=_assets),
        OrgFilter(name="org", label="机构", field="system__org"),
    ]
    search = ["name", "target", "code", "system__name"]
    search_hint = "名称、检查对象、编号"
    sort = "shown"
    detail = "monitoring-check"
    live_topic = LIVE
    empty = "还没有检查项。可以新建，或在「监控内容覆盖」中套用模板。"
    actions = [
        Action("新建检查项", page="monitoring-check-new", icon="plus", style="primary"),
        Action("套用模板", page="monitoring-coverage", icon="template", permission="monitoring.edit"),
    ]
    bulk = [
        BulkAction(code="enable", label="启用", permission="monitoring.edit", run=_switch(True),
                   confirm="将启用 {n} 个检查项。"),
        BulkAction(code="disable", label="停用", permission="monitoring.edit", run=_switch(False), danger=True,
                   confirm="将停用 {n} 个检查项：不再探测，正在进行的中断到此刻为止。"),
    ]  # fmt: skip

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the checks within the scope."""
        return queries.list_checks(scope, now)


def _state(scope: Scope, now: datetime, check: Any) -> Mapping[str, Any]:
    notes = queries.recent_notes(check, limit=1)
    metrics = notes[0].metrics if notes and notes[0].metrics else {}
    phases = {
        name[:-3]: ms for name, ms in metrics.items() if name.endswith("_ms") and name[:-3] in drawing.PHASES
    }
    return {
        "timelines": drawing.drawn(queries.of_check(check, now)),
        "charts": [
            _chart(check, now, timedelta(hours=1), "近 1 小时耗时"),
            _chart(check, now, timedelta(hours=24), "近 24 小时耗时"),
        ],
        "note": notes[0] if notes else None,
        "note_at": from_millis(notes[0].at_ms) if notes else None,
        "verdict": badges.VERDICTS.get(notes[0].code) if notes else None,
        "phases": drawing.waterfall(phases),
        "metrics": {name: value for name, value in metrics.items() if name[:-3] not in phases},
        "beat": _beat(scope, check),
    }


def _beat(scope: Scope, check: Any) -> dict[str, Any] | None:
    """Return where a job reports, for those who may set it up."""
    if check.kind != "heartbeat" or not scope.allows("monitoring.edit", check.system.org.path):
        return None
    deadline = check.state.deadline_ms
    return {
        "url": f"{settings.CONFIG.public_url}/api/v1/heartbeats/{check.heartbeat_key}",
        "deadline": from_millis(deadline) if deadline else None,
    }


def _chart(check: Any, now: datetime, span: timedelta, title: str) -> Chart:
    points = queries.chart_series(check, now - span, now)
    form = "%H:%M:%S" if span <= timedelta(hours=2) else "%m-%d %H:%M"
    return Chart(
        title=title,
        unit="毫秒",
        source="每次检查的结果（两小时以内为原始结果，更长为五分钟汇总）；红点为异常",
        categories=[from_millis(p.at_ms).astimezone(CHINA).strftime(form) for p in points],
        series=[
            Series(
                name="平均耗时", values=[None if p.mean_ms is None else round(p.mean_ms, 2) for p in points]
            ),
            Series(
                name="异常时耗时",
                values=[round(p.most_ms or 0, 2) if p.bad else None for p in points],
                tone="bad",
            ),
        ],
        height="small",
    )


def _failures(_scope: Scope, _now: datetime, check: Any) -> Mapping[str, Any]:
    return {"notes": [shown_note(note) for note in queries.recent_notes(check, failures=True, limit=15)]}


def shown_note(note: Any) -> dict[str, Any]:
    """Return a stored result as the trace template shows it."""
    trace = dict(note.trace or {})
    phases = trace.pop("phases", None) or {}
    return {
        "at": from_millis(note.at_ms),
        "verdict": badges.VERDICTS[note.code],
        "message": note.message,
        "took_ms": note.duration_us / 1000,
        "suspect": note.suspect,
        "prober": note.prober,
        **trace_parts(trace, phases),
    }


def trace_parts(trace: Mapping[str, Any], phases: Mapping[str, float]) -> dict[str, Any]:
    """Return the parts of a trace, known ones by name and the rest as text."""
    known = {"conditions", "request", "response", "body", "trace", "steps", "facts"}
    plain = {n: v for n, v in trace.items() if n not in known and not isinstance(v, dict | list)}
    return {
        "conditions": trace.get("conditions", []),
        "steps_taken": trace.get("trace", []),
        "steps": trace.get("steps", []),
        "request": trace.get("request", ""),
        "response": trace.get("response", ""),
        "body": trace.get("body", ""),
        "facts": [*_flat(trace.get("facts", {})), *_flat(plain)],
        "rest": [(name, _as_text(value)) for name, value in trace.items() if name not in known | set(plain)],
        "phases": drawing.waterfall(phases),
    }


def _flat(facts: Any) -> list[tuple[str, str]]:
    return [(name, _as_text(value)) for name, value in facts.items()] if isinstance(facts, Mapping) else []


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _outages(scope: Scope, now: datetime, check: Any) -> Mapping[str, Any]:
    rows = queries.list_outages(scope, now).filter(check_row_id=check.pk)[:100]
    return {"own": [(o, badges.outage_state(o)) for o in rows], "of_checks": []}


def _bands(scope: Scope, _now: datetime, check: Any) -> Mapping[str, Any]:
    return {
        "bands": queries.bands_of(check),
        "check": check,
        "may_edit": scope.allows("monitoring.edit", check.system.org.path),
    }


def _history(_scope: Scope, _now: datetime, check: Any) -> Mapping[str, Any]:
    return {"changes": queries.list_changes(check_id=check.pk)}


LABELS = {
    "name": "名称", "system": "系统", "kind": "类型", "target": "检查对象", "params": "参数",
    "conditions": "正常条件", "warnings": "警告条件", "interval_s": "检查间隔（秒）",
    "retry_interval_s": "确认间隔（秒）", "timeout_s": "超时（秒）",
    "confirm": "确认次数", "recover": "恢复次数", "flap": "判定抖动", "flap_results": "抖动判定次数",
    "flap_high": "抖动开始（%）", "flap_low": "抖动结束（%）", "zone": "网络区域", "item": "监控内容",
    "severity": "重要程度", "note": "备注", "enabled": "启用", "archived": "归档",
    "template": "套用模板", "copied_from": "复制自",
}  # fmt: skip


def _definition(_scope: Scope, _now: datetime, check: Any) -> Mapping[str, Any]:
    versions = queries.list_versions(check)
    steps = []
    for place, version in enumerate(versions):
        before = versions[place + 1].definition if place + 1 < len(versions) else None
        steps.append((version, differences(before, version.definition, LABELS) if before is not None else []))
    rows = [(LABELS.get(name, name), value) for name, value in services.shown_definition(check).items()]
    return {
        "rows": [
            (label, "\n".join(v) if isinstance(v, list) else _as_text(v))
            for label, v in rows
            if v not in ("", [], {})
        ],
        "versions": steps,
    }


class CheckDetail(DetailPage):
    """One check (检查项)."""

    name = "monitoring-check"
    path = "operations/checks/<int:pk>/"
    title = "检查项"
    permission = "monitoring.view"
    parent = "monitoring-checks"
    template = "operations/monitoring/detail.html"
    audit_kind = "check"
    history_labels = LABELS
    live_topic = LIVE
    facts = [
        Fact(
            name="system",
            label="系统",
            value=lambda c: c.system.name,
            link=_system_link,
        ),
        Fact(
            name="kind",
            label="类型",
            value=_kind_title,
        ),
        Fact(name="item", label="监控内容", value=lambda c: item_name(c.item)),
        Fact(name="zone", label="网络区域", choices=Zone),
        Fact(name="severity", label="重要程度", kind="state", choices=Severity, tones=SEVERITY_TONES),
        Fact(
            name="interval",
            label="间隔 / 确认",
            value=lambda c: f"{c.interval_s:g} 秒 / {c.confirm} 次，{c.retry_interval_s:g} 秒",
        ),
        Fact(name="last", label="最近结果", kind="datetime", value=badges.last_result),
        Fact(name="flapping", label="抖动", value=badges.flapping),
        Fact(name="suppressed", label="受影响", value=_suppressed, link=_suppressor),
        Fact(name="took", label="最近耗时", kind="number", digits=2, unit="毫秒", value=badges.took_ms),
    ]
    actions = [
        Action(
            "试一试",
            page="monitoring-check-try",
            icon="player-play",
            when=lambda c: not check_kinds.get(c.kind).passive,
        ),
        Action("编辑", page="monitoring-check-edit", icon="pencil"),
        Action("停用", page="monitoring-check-disable", icon="player-pause", when=lambda c: c.enabled),
        Action(
            "启用",
            page="monitoring-check-enable",
            icon="player-play",
            style="primary",
            when=lambda c: not c.enabled,
        ),
        Action("依赖", page="monitoring-dependencies", icon="sitemap", kwargs=_none),
        Action("复制", page="monitoring-check-copy", icon="copy"),
        Action("归档", page="monitoring-check-archive", icon="archive", style="danger"),
    ]
    tabs = [
        Tab(
            code="state",
            label="状态",
            template="operations/monitoring/check_state.html",
            context=_state,
            live_topic=LIVE,
        ),
        Tab(
            code="failures",
            label="最近异常的过程",
            template="operations/monitoring/check_failures.html",
            context=_failures,
        ),
        Tab(
            code="outages",
            label="中断",
            template="operations/monitoring/system_outages.html",
            context=_outages,
        ),
        Tab(code="bands", label="基线", template="operations/monitoring/bands.html", context=_bands),
        Tab(code="states", label="状态历史", template="operations/monitoring/changes.html", context=_history),
        Tab(
            code="definition",
            label="定义与版本",
            template="operations/monitoring/check_definition.html",
            context=_definition,
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the check, with the outage that explains its own if there is one."""
        found = queries.get_check(scope, now, kwargs["pk"])
        found.suppressor = queries.suppressed_by(found)  # type: ignore[attr-defined]  # for the page alone
        return found

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return badges.shown(thing.shown)

    def subheading(self, thing: Any) -> str:
        """Return what it looks at, and what it said last."""
        return "　".join(part for part in (thing.target, thing.state.message) if part)


PAGES: Sequence[type[Any]] = [CheckList, CheckDetail]
