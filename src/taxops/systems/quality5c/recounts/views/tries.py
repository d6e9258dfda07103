"""Pages of tries: what a version would give, before it counts (指标试跑)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.indicators import State as FigureState
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.rules import FIGURE_TONES
from taxops.systems.quality5c.definitions.showing import value_words
from taxops.systems.quality5c.lifecycle import VersionState
from taxops.systems.quality5c.recounts import queries, services
from taxops.systems.quality5c.recounts.forms import TryForm
from taxops.systems.quality5c.recounts.words import Level
from taxops.web.kit import (
    Action,
    Chart,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    Series,
    Tab,
    state_of,
)

EDIT = services.EDIT


def _progress(recount: Any) -> str:
    return "未完成" if recount.error else "已完成" if recount.done_at else "进行中"


class TryList(ListPage):
    """The asker's tries (试跑记录)."""

    name = "q5c-tries"
    path = "quality5c/tries/"
    title = "指标试跑"
    permission = EDIT
    scope_field = ""
    columns = [
        Column(name="code", label="指标"),
        Column(name="version", label="版本", value=lambda r: r.version and r.version.number, kind="number", sort=""),
        Column(name="period", label="统计期"),
        Column(name="against", label="对照版本", kind="number", sort="",
               value=lambda r: r.against and r.against.number),
        Column(name="org", label="记录取自", kind="org", sort="org__path"),
        Column(name="progress", label="进展", value=_progress, sort="done_at"),
        Column(name="asked_at", label="发起时间", kind="datetime"),
        Column(name="expires_at", label="到期清除", kind="datetime"),
    ]  # fmt: skip
    search = ["code", "period"]
    sort = "-asked_at"
    detail = "q5c-try"
    empty = "还没有试跑。打开一个指标的“版本与差异”，对某个版本点“试跑”。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the asker's own tries."""
        return queries.tries(scope, now)


class TryNew(FormPage):
    """Try a version on a period (试跑一个版本)."""

    name = "q5c-try-new"
    path = "quality5c/indicator-versions/<int:pk>/try/"
    title = "试跑"
    permission = EDIT
    parent = "q5c-indicators"
    form = TryForm
    submit = "开始试跑"
    intro = "用数据仓库里的数据计算这个版本，与对照版本逐单位比较，并列出计入分子的记录。不写入任何结果，保留 30 天。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version."""
        return indicators.find_version(kwargs["pk"])

    def heading_text(self) -> str:
        """Return what is tried."""
        return f"试跑 {self.thing}"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the versions to compare with."""
        return {
            "versions": [
                (v.pk, f"第 {v.number} 版（{VersionState.label_of(v.state)}）")
                for v in queries.versions_beside(thing)
            ]
        }

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the newest period that has figures, and what counts now."""
        periods, beside = indicators.periods(), queries.versions_beside(thing)
        return {"period": periods[0] if periods else "", "against": beside[0].pk if beside else ""}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Ask for it."""
        recount = services.ask_try(
            scope, thing.pk, now=now, period=data["period"], unit=data["unit"], against_id=data["against"]
        )
        return Done("已开始试跑。", to=self.url("q5c-try", pk=recount.pk))


def _result(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    standing = queries.standing(scope, thing)
    if not thing.result:
        return {"standing": standing, "run": thing.run}
    unit = thing.version.indicator.unit
    found = {level: queries.lines(scope, thing, level.value) for level in Level}
    groups = [
        (level, [_row(u, line, unit) for u, line in found[level]], sum(x.differs for _, x in found[level]))
        for level in Level
        if found[level]
    ]
    cities = found[Level.CITY] or found[Level.COUNTY]
    series = [Series(name=f"第 {thing.version.number} 版", values=[line.value for _, line in cities])]
    if thing.against:
        series.append(
            Series(name=f"第 {thing.against.number} 版", values=[line.old_value for _, line in cities])
        )
    chart = Chart(
        title="各单位的值", unit="比率" if unit == "percent" else "指标单位",
        source=f"试跑 {thing.version} {thing.period}",
        categories=[u.short_name or u.name for u, _ in cities], series=series, kind="bar", height="small",
    )  # fmt: skip
    return {"standing": standing, "groups": groups, "result": thing.result, "chart": chart,
            "changed": thing.content_hash != thing.version.content_hash}  # fmt: skip


def _row(unit: Any, line: Any, kind: str) -> tuple[Any, Any, Any, tuple[str, str, str]]:
    state = state_of(line.state, label=FigureState.label_of(line.state), tones=FIGURE_TONES)
    moved = line.moved
    words = "—" if moved is None else ("+" if moved > 0 else "") + value_words(moved, kind)
    return unit, line, state, (value_words(line.value, kind), value_words(line.old_value, kind), words)


def _records(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    result = thing.result or {}
    return {"records": result.get("num_records"), "why": result.get("no_records", "")}


class TryDetail(DetailPage):
    """What a try found (试跑结果)."""

    name = "q5c-try"
    path = "quality5c/tries/<int:pk>/"
    title = "试跑结果"
    permission = EDIT
    parent = "q5c-tries"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="version", label="指标版本"),
        Fact(name="state", label="版本状态", value=lambda r: VersionState.label_of(r.version.state)),
        Fact(name="period", label="统计期"),
        Fact(
            name="against",
            label="对照版本",
            value=lambda r: f"第 {r.against.number} 版" if r.against else "不比较",
        ),
        Fact(name="org", label="记录取自", kind="org"),
        Fact(name="asked_at", label="发起时间", kind="datetime"),
        Fact(name="expires_at", label="到期清除", kind="datetime"),
    ]
    tabs = [
        Tab(code="result", label="结果", template="quality5c/try.html", context=_result),
        Tab(code="records", label="计入分子的记录", template="quality5c/try_records.html", context=_records,
            permission=services.DRILL),
    ]  # fmt: skip
    actions = [
        Action("再次试跑", page="q5c-try-new", icon="refresh", kwargs=lambda r: {"pk": r.version_id}),
        Action("打开指标", page="q5c-indicator", icon="ruler-measure",
               kwargs=lambda r: {"pk": r.version.indicator_id}),
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the try when it is the reader's own."""
        return queries.find_try(scope, kwargs["pk"], now)

    def heading(self, thing: Any) -> str:
        """Return what was tried."""
        return f"试跑 {thing.version} {thing.period}"


PAGES: Sequence[type[Any]] = [TryList, TryNew, TryDetail]
