"""Pages of figures: down to the units below, to the records, and why they are what they are (监控指标结果)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.indicators import State as FigureState
from taxops.systems.quality5c.definitions import drilling, headquarters
from taxops.systems.quality5c.definitions import queries as figures
from taxops.systems.quality5c.definitions.rules import FIGURE_TONES
from taxops.systems.quality5c.definitions.showing import figure_words, met_words, value_words
from taxops.systems.quality5c.recounts import queries, services
from taxops.systems.quality5c.revisions import queries as revisions
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    ListPage,
    OrgFilter,
    State,
    Tab,
    state_of,
)

VIEW = figures.VIEW


def _periods(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(p, p) for p in figures.periods()]


def _numbers(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(str(n), f"第 {n} 版") for n in figures.computed_versions()]


class FigureList(ListPage):
    """Figures by indicator, unit and period (监控指标结果)."""

    name = "q5c-figures"
    path = "quality5c/figures/"
    title = "指标结果"
    permission = VIEW
    columns = [
        Column(name="code", label="指标"),
        Column(name="org", label="单位", kind="org", sort="org__path"),
        Column(name="period", label="统计期"),
        Column(name="num", label="分子", kind="number"),
        Column(name="den", label="分母", kind="number"),
        Column(name="value", label="指标值", kind="number", digits=4),
        Column(name="state", label="数据状态", kind="state", choices=FigureState, tones=FIGURE_TONES),
        Column(name="version", label="版本", kind="number", hidden=True),
        Column(
            name="source",
            label="来源",
            value=lambda r: "导入" if r.source == "external" else "计算",
            sort="source",
        ),
    ]
    filters = [
        ChoiceFilter(name="period", label="统计期", choices=_periods),
        ChoiceFilter(name="state", label="数据状态", choices=FigureState, multiple=True),
        ChoiceFilter(name="level", label="层级", field="org__level",
                     choices=[("province", "省"), ("city", "市"), ("county", "县区"), ("branch", "分局")]),
        OrgFilter(name="org", label="单位"),
        ChoiceFilter(name="version", label="版本", choices=_numbers),
    ]  # fmt: skip
    search = ["code", "org__name", "org__short_name"]
    search_hint = "指标代码或单位"
    sort = "-period"
    detail = "q5c-figure"
    empty = "还没有指标结果。数据装入后由后台作业计算。"
    actions = [
        Action("指标地图", page="q5c-map", icon="map"),
        Action("计算指标", page="q5c-compute", icon="calculator"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the figures of the units within the scope."""
        return figures.results(scope)


def _below(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    return drilling.below(scope, thing)


def _explain(scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
    recount = queries.latest_explanation(scope, thing, now)
    found = figures.find_code(thing.code)
    unit = found.unit if found else "number"
    known: dict[str, Any] = {**drilling.provenance(thing), "recount": recount}
    if recount is not None:
        known["standing"] = queries.standing(scope, recount)
        known["e"] = e = recount.result
        if e:
            known["words"] = value_words(e["value"], unit)
            known["change"] = [value_words(v, unit) for v in e["change"]] if e["change"] else None
    return known


def _revisions(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    found = figures.find_code(thing.code)
    unit = found.unit if found else "number"
    return {"revisions": [
        (r, value_words(r.old_value, unit), value_words(r.new_value, unit), revisions.cause_words(r.causes))
        for r in revisions.of_figure(scope, thing)
    ]}  # fmt: skip


def _records(scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
    return drilling.records(scope, thing, now=now)


def _target_words(thing: Any) -> str:
    """Return 总局's target for a figure, whether it is met and by how much, and where the unit stands."""
    found = figures.find_code(thing.code)
    if found is None:
        return "—"
    sent = headquarters.compared(thing.period, thing.org, {thing.code: (thing.value, found.direction)})
    if thing.code not in sent:
        return "未下发"
    one = sent[thing.code]
    met, _, distance = met_words(one.gap, found.unit)
    said = "" if one.target is None else f"{value_words(one.target, found.unit)}，{met}（{distance}）"
    average = (
        "" if one.average is None else f"全国平均 {value_words(one.average, found.unit)}，{one.gap.verdict}"
    )
    return "；".join(words for words in (said, average) if words) or "未下发"


def _doubts(thing: Any) -> str:
    """Return what the checks of the indicator's data found wrong in the period."""
    return "；".join(text for _, _, text in figures.problems(thing.period, [thing.code])) or "没有发现问题"


class FigureDetail(DetailPage):
    """One figure (指标结果): down to the units below, and to the records."""

    name = "q5c-figure"
    path = "quality5c/figures/<int:pk>/"
    title = "指标结果"
    permission = VIEW
    parent = "q5c-figures"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="org", label="单位", kind="org"),
        Fact(name="period", label="统计期"),
        Fact(name="num", label="分子", kind="number"),
        Fact(name="den", label="分母", kind="number"),
        Fact(name="shown", label="指标值", value=figure_words),
        Fact(name="version", label="定义版本"),
        Fact(name="target", label="总局目标", value=_target_words),
        Fact(name="doubts", label="数据核对", value=_doubts),
    ]
    tabs = [
        Tab(code="below", label="下级单位", template="quality5c/below.html", context=_below),
        Tab(code="explain", label="这个数怎么来的", template="quality5c/explain.html", context=_explain),
        Tab(code="revisions", label="修订", template="quality5c/figure_revisions.html", context=_revisions),
        Tab(
            code="records",
            label="明细记录",
            template="quality5c/records.html",
            context=_records,
            permission="quality5c.drill",
        ),
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the figure, within the scope."""
        return figures.results(scope).filter(pk=kwargs["pk"]).first()

    def heading(self, thing: Any) -> str:
        """Return indicator and unit."""
        found = figures.find_code(thing.code)
        return f"{thing.code} {found.name if found else ''}"

    def state(self, thing: Any) -> State | None:
        """Return how far it can be trusted."""
        return state_of(thing.state, label=FigureState.label_of(thing.state), tones=FIGURE_TONES)


class Explain(ActionPage):
    """Compute a figure anew and say where it comes from (重新计算并解释)."""

    name = "q5c-explain"
    path = "quality5c/figures/<int:pk>/explain/"
    title = "重新计算并解释"
    permission = VIEW
    parent = "q5c-figure"
    confirm = "将从数据仓库重新计算「{thing}」，并列出定义、参数、查询、分区和样本记录；不改变任何结果。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the figure, within the scope."""
        return figures.results(scope).filter(pk=kwargs["pk"]).first()

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Ask for it."""
        services.ask_explanation(scope, thing.pk, now=now)
        return Done("已开始重新计算。", to=self.url("q5c-figure", pk=thing.pk) + "?tab=explain")


PAGES: Sequence[type[Any]] = [FigureList, FigureDetail, Explain]
