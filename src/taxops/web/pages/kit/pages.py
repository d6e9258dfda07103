"""One page of each kind, with every component on it (组件样例)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import (
    BadInput,
    Conflict,
    NotFound,
    NotPermitted,
    RowProblem,
    Scope,
    TooLarge,
    Unavailable,
)
from taxops.web.kit import (
    Action,
    ActionPage,
    BoardPage,
    BooleanFilter,
    BulkAction,
    Change,
    ChoiceFilter,
    Column,
    Confirm,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ImportColumn,
    ImportPage,
    ImportPreview,
    ImportRow,
    ListPage,
    OrgFilter,
    Page,
    Preview,
    State,
    Tab,
    TextFilter,
    orgs,
    state_of,
)

from . import samples


class KitHome(Page):
    """Every component at a glance (组件总览)."""

    name = "kit"
    path = "kit/"
    title = "组件总览"
    demo_only = True
    template = "kit/living/home.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return invented values for each component."""
        return {
            "states": samples.STATES,
            "clocks": [now + timedelta(hours=5), now + timedelta(minutes=12), now - timedelta(minutes=130)],
            "at": now - timedelta(minutes=7),
            "last_year": now - timedelta(days=400),
            "spark": [3.0, 5.0, 4.0, 9.0, 2.0, 6.0, 8.0, 3.0],
            "charts": samples.charts(),
            "changes": [
                Change("间隔", "300", "60"),
                Change("告警人", "张三、李四", "张三"),
                Change("备注", "", "征期加密"),
            ],
            "icons": ["bell", "search", "plus", "pencil", "trash", "download", "printer", "history", "users"],
            "labels": ["征期", "核心系统", "省级"],
        }


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


class SampleForm(forms.Form):
    """Every widget once."""

    name = forms.CharField(label="名称", max_length=40, help_text="同一机构内不能重名。")
    kind = forms.ChoiceField(
        label="类型", choices=[("", "请选择"), ("http", "网页与接口"), ("tcp", "端口"), ("sql", "数据库")]
    )
    interval = forms.IntegerField(label="间隔", min_value=10, max_value=86400, initial=60)
    start_on = forms.DateField(
        label="开始日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    condition = forms.CharField(
        label="条件",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "tx-code"}),
        help_text='例如 status == 200 and body.code == "0"',
    )
    notify = forms.MultipleChoiceField(
        label="通知方式",
        required=False,
        choices=[("app", "站内"), ("mail", "邮件"), ("wecom", "企业微信")],
        widget=forms.CheckboxSelectMultiple,
    )
    level = forms.ChoiceField(
        label="级别",
        choices=[("1", "一般"), ("2", "重要"), ("3", "核心")],
        widget=forms.RadioSelect,
        initial="1",
    )
    enabled = forms.BooleanField(label="立即启用", required=False, initial=True)


class KitForm(FormPage):
    """A form with a confirmation (表单样例). The name 重复 is a conflict, so that errors can be seen."""

    name = "kit-form"
    path = "kit/form/"
    title = "表单样例"
    intro = "名称填「重复」可以看到业务错误。"
    demo_only = True
    parent = "kit-list"
    form = SampleForm
    units = {"interval": "秒"}
    fieldsets = [
        ("基本信息", ["name", "kind", "interval", "start_on"]),
        ("判断与通知", ["condition", "notify", "level", "enabled"]),
    ]

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say what would change."""
        return Preview(
            f"将建立「{data['name']}」，每 {data['interval']} 秒检查一次。",
            [Change("间隔", "300 秒", f"{data['interval']} 秒")],
            "征期内请避开高峰时段。" if data["interval"] < 30 else "",
        )

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Refuse one name, accept the rest."""
        if data["name"] == "重复":
            raise Conflict("已经有同名的检查项。", "请换一个名称。", field="name")
        return Done(f"「{data['name']}」已保存（样例，没有真的保存）。", to=self.url("kit-list"))


class KitAction(ActionPage):
    """An action with differences and a warning (操作样例)."""

    name = "kit-action"
    path = "kit/action/"
    title = "停用"
    demo_only = True
    parent = "kit"
    danger = True

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what would change."""
        return Confirm(
            "将停用这一项，停用期间不再检查，也不告警。",
            [Change("状态", "正常", "已停用")],
            "停用期间的中断不会被记录。",
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Do nothing, and offer to undo it."""
        return Done("已停用（样例，没有真的改动）。", undo=("kit-action", {}))


class KitImport(ImportPage):
    """An import (导入样例)."""

    name = "kit-import"
    path = "kit/import/"
    title = "导入样例"
    demo_only = True
    parent = "kit-list"
    columns = [
        ImportColumn(name="code", label="代码", required=True, help="11 位机构代码", example="14501000000"),
        ImportColumn(name="name", label="名称", required=True, help="全称", example="南江市税务局"),
        ImportColumn(name="parent", label="上级代码", help="没有上级时留空", example="14500000000"),
    ]

    def check(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> ImportPreview:
        """Find codes that occur twice."""
        seen: set[str] = set()
        problems: list[RowProblem] = []
        for row in rows:
            if row["code"] in seen:
                problems.append(RowProblem(row.number, "代码", f"「{row['code']}」重复"))
            seen.add(row["code"])
        lines = [(row.number, f"新增 {row['name']}（{row['code']}）") for row in rows[:50]]
        return ImportPreview(added=len(rows), lines=lines, problems=problems)

    def apply(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> Done:
        """Do nothing."""
        return Done(f"已导入 {len(rows)} 行（样例，没有真的保存）。")


class KitBoard(BoardPage):
    """A wall board (大屏样例)."""

    name = "kit-board"
    path = "kit/board/"
    title = "全省信息系统运行监控"
    demo_only = True
    parent = "kit"
    body_template = "kit/living/board_body.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return invented figures."""
        systems = [
            "电子税务局",
            "金税核心征管",
            "发票综合服务",
            "自然人扣缴",
            "12366 热线",
            "办税厅叫号",
            "影像系统",
            "数据交换",
            "短信平台",
            "统一认证",
            "银税直连",
            "社保费征收",
        ]
        tones = [
            "good",
            "good",
            "bad",
            "good",
            "warning",
            "good",
            "good",
            "suspended",
            "good",
            "good",
            "unknown",
            "good",
        ]
        notes = [
            "186 毫秒",
            "92 毫秒",
            "中断 14 分钟",
            "240 毫秒",
            "排队 38 人",
            "在线 316 / 318",
            "311 毫秒",
            "维护至 22:00",
            "正常",
            "55 毫秒",
            "5 分钟无结果",
            "正常",
        ]
        return {
            "tiles": [
                (s, State(n, tone)) for s, n, tone in zip(systems, notes, map(_tone, tones), strict=True)
            ],
            "outages": [
                ("发票综合服务", "查验接口无响应", now - timedelta(minutes=14), 840),
                ("12366 热线", "平均等待超过 3 分钟", now - timedelta(minutes=42), 2520),
            ],
        }


def _tone(code: str) -> Any:
    return state_of(code).tone


class KitErrors(Page):
    """Each kind of failure (错误样例): `?kind=…` raises it."""

    name = "kit-error"
    path = "kit/error/"
    title = "错误样例"
    demo_only = True
    parent = "kit"
    template = "kit/living/errors.html"
    kinds: Mapping[str, Exception] = {
        "bad": BadInput("「间隔」不是整数。", "请填写 10 到 86400 之间的整数。"),
        "permission": NotPermitted("您没有修改检查项的权限。", "如确需办理，请联系安全管理员授权。"),
        "missing": NotFound("没有找到这个检查项，或它不在您的管理范围内。", "请从列表进入。"),
        "conflict": Conflict("这个检查项刚被别人修改过。", "请刷新后重新提交。"),
        "large": TooLarge("文件超过 2 MB。", "请拆分后重试。"),
        "away": Unavailable("数据库暂时连不上。", "请稍后重试。"),
        "fault": RuntimeError("a fault for the living page"),
    }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raise what is asked for, or list the kinds."""
        failure = self.kinds.get(request.GET.get("kind", ""))
        if failure is not None:
            raise failure
        return self.show(self.template, {"kinds": list(self.kinds)})


PAGES: list[type[Page]] = [
    KitHome,
    KitList,
    KitDetail,
    KitForm,
    KitAction,
    KitImport,
    KitBoard,
    KitErrors,
]
