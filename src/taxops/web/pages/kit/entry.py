"""A form, an action and an import (录入样例)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from taxops.engines.base import (
    Conflict,
    RowProblem,
    Scope,
)
from taxops.web.kit import (
    ActionPage,
    Change,
    Confirm,
    Done,
    FormPage,
    ImportColumn,
    ImportPage,
    ImportPreview,
    ImportRow,
    Preview,
)


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
