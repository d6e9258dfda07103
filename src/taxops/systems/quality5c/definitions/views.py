"""Pages of indicators and their versions (指标配置管理)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions.stepping import Versions, VersionSentBack, VersionStep
from taxops.systems.quality5c.lifecycle import TONES, Act, VersionState
from taxops.web.kit import (
    Action,
    Change,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    State,
    Tab,
    state_of,
)

from . import impact, queries, services
from .forms import ComputeForm, DefinitionForm
from .shipped import ASPECTS, parse_text
from .showing import UNITS, law_words, target_words

VIEW, EDIT, REVIEW = queries.VIEW, services.EDIT, services.REVIEW
DIRECTIONS = [("up", "越高越好"), ("down", "越低越好"), ("range", "适度")]


class IndicatorList(ListPage):
    """All indicators (指标配置管理)."""

    name = "q5c-indicators"
    path = "quality5c/indicators/"
    title = "指标配置"
    permission = VIEW
    scope_field = ""
    columns = [
        Column(name="code", label="代码"),
        Column(name="name", label="名称", wide=True),
        Column(name="aspect", label="方面", value=lambda i: ASPECTS.get(i.aspect, i.aspect), sort="aspect"),
        Column(
            name="direction",
            label="方向",
            value=lambda i: dict(DIRECTIONS).get(i.direction, ""),
            sort="direction",
        ),
        Column(name="unit", label="单位", value=lambda i: UNITS.get(i.unit, i.unit), sort="unit"),
        Column(name="owner", label="归口部门"),
        Column(name="live_version", label="启用版本", kind="number"),
        Column(name="n_versions", label="版本数", kind="number"),
        Column(name="n_waiting", label="待复核", kind="number"),
    ]
    filters = [
        ChoiceFilter(name="aspect", label="方面", choices=list(ASPECTS.items()), multiple=True),
        ChoiceFilter(name="direction", label="方向", choices=DIRECTIONS),
    ]
    search = ["code", "name", "owner"]
    sort = "code"
    size = 100
    detail = "q5c-indicator"
    empty = "还没有指标。"
    actions = [Action("新建指标", page="q5c-indicator-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return all indicators; definitions belong to the province, not to a unit."""
        return queries.list_indicators()


def _definition(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    versions = queries.versions_of(thing.code)
    shown = next((v for v in versions if v.number == thing.live_version), versions[0] if versions else None)
    return {"version": shown, "d": parse_text(shown.text) if shown else None, "unit": UNITS.get(thing.unit, ""),
            "targets": target_words(parse_text(shown.text)) if shown else [],
            "laws": law_words(parse_text(shown.text)) if shown else []}  # fmt: skip


def _badge(state: str) -> State:
    return state_of(state, label=VersionState.label_of(state), tones=TONES)


def _versions(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    found = queries.compared(queries.versions_of(thing.code))
    steps = VERSIONS.steps(scope, [c.version for c in found])
    tries = [("q5c-try-new", "试跑")] if scope.has(EDIT) else []
    return {"rows": [
        (c, _badge(c.version.state), [*(tries if c.version.state != VersionState.RETIRED else ()), *acts])
        for c, acts in zip(found, steps, strict=True)
    ]}  # fmt: skip


def _impact(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    return {"uses": impact.uses_of(thing.code)}


class IndicatorDetail(DetailPage):
    """One indicator (指标)."""

    name = "q5c-indicator"
    path = "quality5c/indicators/<int:pk>/"
    title = "指标"
    permission = VIEW
    parent = "q5c-indicators"
    audit_kind = "indicator"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="code", label="代码"),
        Fact(name="aspect", label="方面", value=lambda i: ASPECTS.get(i.aspect, i.aspect)),
        Fact(name="direction", label="方向", value=lambda i: dict(DIRECTIONS).get(i.direction, "")),
        Fact(name="owner", label="归口部门"),
        Fact(name="live_version", label="启用版本"),
    ]
    tabs = [
        Tab(code="definition", label="口径", template="quality5c/definition.html", context=_definition),
        Tab(code="versions", label="版本与差异", template="quality5c/versions.html", context=_versions),
        Tab(code="impact", label="影响", template="quality5c/impact.html", context=_impact),
    ]
    actions = [
        Action("修改（存为新版本）", page="q5c-indicator-edit", icon="pencil"),
        Action("查看结果", page="q5c-figures", icon="table", kwargs=lambda _i: {}),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the indicator."""
        return queries.find_indicator(kwargs["pk"])

    def audit_id(self, thing: Any) -> str:
        """Return the code: the trail is kept by it."""
        return str(thing.code)

    def state(self, thing: Any) -> State | None:
        """Return whether it counts."""
        live = "live" if thing.live_version else "draft"
        return state_of(live, label="启用" if thing.live_version else "未启用", tones=TONES)


class IndicatorNew(FormPage):
    """A new indicator (新建指标)."""

    name = "q5c-indicator-new"
    path = "quality5c/indicators/new/"
    title = "新建指标"
    permission = EDIT
    parent = "q5c-indicators"
    template = "quality5c/definition_form.html"
    form = DefinitionForm
    wide = True
    intro = "保存为草稿；试算、复核、启用之后才会计入评价。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return an outline to fill in, or a copy (`?copy=C101`)."""
        return {"text": queries.current_text(self.request.GET.get("copy", "")[:40]) or OUTLINE}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        version = services.save_draft(scope, now=now, text=data["text"], note=data["note"])
        return Done(
            f"{version} 已存为草稿。", to=self.url("q5c-indicator", pk=version.indicator_id) + "?tab=versions"
        )


OUTLINE = """[[indicator]]
code = "G001"
version = 1
name = "指标名称"
aspect = "C1"
kind = "ratio"
source = "oblig"
time = "due"
filter = "obliged"
num = { where = "filed_on <= due" }
den = {}
direction = "up"
unit = "percent"
small_sample = { min_den = 30, action = "flag" }
business = "业务口径：用业务语言写清分子和分母"
"""


class IndicatorEdit(IndicatorNew):
    """Change an indicator (修改指标): a new version; what was published stays."""

    name = "q5c-indicator-edit"
    path = "quality5c/indicators/<int:pk>/edit/"
    title = "修改指标"
    parent = "q5c-indicator"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the indicator."""
        return queries.find_indicator(kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the newest version's text."""
        return {"text": queries.current_text(thing.code)}


VERSIONS = Versions(queries.find_version, services.decide, "q5c-indicator", "indicator_id")


class VersionAct(VersionStep):
    """The root of what is done to a version (指标版本操作)."""

    parent = "q5c-indicators"
    versions = VERSIONS

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what happens, and which models are touched."""
        uses = "、".join(str(v) for v in impact.uses_of(thing.indicator.code)) or "没有模型使用它"
        return Confirm(f"将对「{thing}」{self.taken.label}。影响：{uses}。")


class VersionSubmit(VersionAct):
    """Submit a version for review (提交复核)."""

    name = "q5c-indicator-submit"
    path = "quality5c/indicator-versions/<int:pk>/submit/"
    title = "提交复核"


class VersionPublish(VersionAct):
    """Approve and publish a version (复核启用)."""

    name = "q5c-indicator-publish"
    path = "quality5c/indicator-versions/<int:pk>/publish/"
    title = "复核通过并启用"
    permission = REVIEW
    taken = Act.PUBLISH

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what changes against the version that counts, and which models are touched."""
        changes = [Change(c.key, c.before, c.after) for c in queries.changes_of(thing)]
        return Confirm(super().ask(scope, now, thing).text, changes=changes)


class VersionReturn(VersionSentBack):
    """Send a version back, with the reason (退回修改)."""

    name = "q5c-indicator-return"
    path = "quality5c/indicator-versions/<int:pk>/return/"
    title = "退回修改"
    parent = "q5c-indicators"
    versions = VERSIONS


class VersionRetire(VersionAct):
    """Retire a version (停用)."""

    name = "q5c-indicator-retire"
    path = "quality5c/indicator-versions/<int:pk>/retire/"
    title = "停用指标"
    permission = REVIEW
    taken = Act.RETIRE
    danger = True


class Compute(FormPage):
    """Ask for the figures of a period (计算指标)."""

    name = "q5c-compute"
    path = "quality5c/figures/compute/"
    title = "计算指标"
    permission = EDIT
    parent = "q5c-figures"
    form = ComputeForm
    submit = "开始计算"
    intro = "按启用的指标版本从数据仓库计算；未发布的方案随之重新计算，已发布的方案不变，只显示修订。"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the newest period that has figures."""
        known = queries.periods()
        return {"period": known[0] if known else ""}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Ask for it."""
        run = services.ask_computation(scope, now=now, period=data["period"], codes=data["codes"].split())
        return Done("已开始计算，完成后结果出现在“指标结果”。", to=self.url("jobs-run", pk=run))


PAGES: Sequence[type[Any]] = [
    IndicatorList, IndicatorNew, IndicatorDetail, IndicatorEdit, VersionSubmit, VersionPublish, VersionReturn,
    VersionRetire, Compute,
]  # fmt: skip
