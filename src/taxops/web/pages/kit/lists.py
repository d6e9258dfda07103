"""A list and a detail page with every kind of column (列表与详情样例)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import (
    Scope,
)
from taxops.web.kit import (
    Action,
    BooleanFilter,
    BulkAction,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    ListPage,
    OrgFilter,
    State,
    Tab,
    TextFilter,
    orgs,
    state_of,
)

from . import samples


class KitList(ListPage):
    """A list with every kind of column and filter (列表样例); rows are the organisations."""

    name = "kit-list"
    path = "kit/list/"
    title = "列表样例"
    note = "机构为演示数据；状态、耗时、金额等均为随机生成。"
    demo_only = True
    parent = "kit"
    scope_field = ""
    detail = "kit-detail"
    columns = [
        Column(name="name", label="名称", wide=True),
        Column(name="state", label="状态", kind="state", value=samples.health),
        Column(name="clock", label="时限", kind="clock", value=lambda row: getattr(row, "sample_due", None)),
        Column(name="parent", label="上级机构", kind="org", sort="parent__path"),
        Column(name="latency", label="耗时", kind="number", unit="毫秒", value=samples.latency),
        Column(name="share", label="可用率", kind="percent", value=samples.share, help="当月，扣除维护窗口"),
        Column(name="amount", label="金额", kind="money", unit="元", value=samples.amount),
        Column(
            name="seen",
            label="最近检查",
            kind="datetime",
            value=lambda row: getattr(row, "sample_seen", None),
        ),
        Column(name="recent", label="近 24 小时", kind="sparkline", value=samples.recent),
        Column(name="level", label="层级", hidden=True),
        Column(name="code", label="代码", hidden=True),
        Column(name="tags", label="标签", kind="tags", value=lambda _row: ["征期", "省级"], hidden=True),
        Column(name="valid_from", label="成立日期", kind="date", hidden=True),
    ]
    filters = [
        ChoiceFilter(
            name="level",
            label="层级",
            multiple=True,
            choices=[
                ("province", "省"),
                ("city", "市州"),
                ("county", "县区"),
                ("branch", "分局"),
                ("hall", "办税厅"),
            ],
        ),
        OrgFilter(name="org", label="机构", field="path"),
        DateRangeFilter(name="valid", label="成立日期", field="valid_from", dates=True),
        BooleanFilter(
            name="closed", label="已撤销", apply=lambda rows, yes: rows.filter(valid_to__isnull=not yes)
        ),
        TextFilter(name="code", label="代码"),
    ]
    search = ["name", "code", "pinyin"]
    search_hint = "名称、代码或拼音"
    sort = "code"
    empty = "还没有机构。可以从模板导入。"
    actions = [
        Action("导入", page="kit-import", icon="upload"),
        Action("新建", page="kit-form", icon="plus", style="primary"),
    ]
    bulk = [
        BulkAction(
            code="pause",
            label="暂停",
            icon="player-pause",
            confirm="将暂停 {n} 项，暂停期间不再检查，也不告警。",
            run=lambda _scope, _now, rows: Done(f"已暂停 {rows.count()} 项（样例，没有真的改动）。"),
        ),
        BulkAction(
            code="drop",
            label="删除",
            icon="trash",
            danger=True,
            confirm="将删除 {n} 项，历史记录保留。此操作不能撤销。",
            run=lambda _scope, _now, _rows: "已删除（样例，没有真的改动）。",
        ),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the organisations."""
        return orgs.listed()

    def row_tone(self, row: Any) -> str:
        """Mark what is down."""
        return "bad" if samples.health(row) is samples.Health.DOWN else ""

    def line(self, row: Any) -> Any:
        """Give each row its invented times first."""
        row.sample_due = samples.due_at(row, self.now) if row.pk % 3 else None
        row.sample_seen = samples.seen_at(row, self.now)
        return super().line(row)

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return figures that lead to their rows."""
        return [
            ("省", 1, "?level=province"),
            ("市州", 9, "?level=city"),
            ("县区", 60, "?level=county"),
            ("办税厅", 318, "?level=hall"),
        ]


class KitDetail(DetailPage):
    """A detail page (详情样例)."""

    name = "kit-detail"
    path = "kit/list/<int:pk>/"
    title = "详情样例"
    demo_only = True
    parent = "kit-list"
    audit_kind = "org"
    facts = [
        Fact(name="code", label="代码"),
        Fact(name="parent", label="上级机构", kind="org"),
        Fact(name="latency", label="耗时", kind="number", unit="毫秒", value=samples.latency),
        Fact(name="share", label="可用率", kind="percent", value=samples.share),
        Fact(name="amount", label="合同金额", kind="money", unit="元", value=samples.amount),
        Fact(name="valid_from", label="成立日期", kind="date"),
    ]
    actions = [
        Action("编辑", page="kit-form", icon="pencil"),
        Action("停用", page="kit-action", icon="player-pause", style="danger"),
    ]
    tabs = [
        Tab(
            code="trend",
            label="趋势",
            template="kit/living/trend.html",
            context=lambda _scope, _now, _thing: {"charts": samples.charts()[:2]},
        ),
        Tab(
            code="below",
            label="下级机构",
            template="kit/living/below.html",
            context=lambda scope, _now, thing: {"units": orgs.choices(scope, None, under=thing.code)},
            count=lambda scope, _now, thing: len(orgs.choices(scope, None, under=thing.code)),
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the organisation."""
        return orgs.listed().filter(pk=kwargs["pk"]).first()

    def subheading(self, thing: Any) -> str:
        """Return its code."""
        return f"代码 {thing.code}"

    def state(self, thing: Any) -> State:
        """Return its invented state."""
        return state_of(samples.health(thing))
