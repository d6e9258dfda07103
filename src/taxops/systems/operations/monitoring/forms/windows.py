"""Forms about windows, alerts and probers."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.engines.checks import RepeatKind
from taxops.systems.operations.monitoring.queries import systems_for
from taxops.systems.operations.monitoring.words import Zone

_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class WindowForm(forms.Form):
    """A request for a maintenance window (申请维护窗口)."""

    title = forms.CharField(label="标题", max_length=120)
    systems = forms.TypedMultipleChoiceField(
        label="涉及系统", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    starts_at = forms.DateTimeField(label="开始时间", widget=_TIME)
    ends_at = forms.DateTimeField(label="结束时间", widget=_TIME)
    reason = forms.CharField(
        label="原因与内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="做什么、影响什么、如何回退。事后补录的窗口请写明未能事前申请的原因。",
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Choices, not a query set: a number of any length must be answered by us, not by the database.
        rows = systems_for(scope, "monitoring.maintain").values_list("pk", "name")
        self.fields["systems"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field


class RuleForm(forms.Form):
    """A request for maintenance that comes back (申请周期维护)."""

    title = forms.CharField(label="标题", max_length=120)
    systems = forms.TypedMultipleChoiceField(
        label="涉及系统", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label="周期", choices=RepeatKind.pairs())
    weekdays = forms.TypedMultipleChoiceField(
        label="星期",
        coerce=int,
        required=False,
        choices=[(n + 1, f"星期{day}") for n, day in enumerate("一二三四五六日")],
        widget=forms.CheckboxSelectMultiple,
        help_text="「每周」可选多个；「每月第几个星期几」选一个。",
    )
    n = forms.IntegerField(
        label="第几个 / 几日",
        required=False,
        min_value=-1,
        max_value=31,
        help_text="每月第几个星期几：1 到 5，-1 为最后一个；每月几日：1 到 31；第几个工作日：1 到 20。",
    )
    start = forms.CharField(label="开始钟点", max_length=5, help_text="例如 22:00")
    minutes = forms.IntegerField(label="时长（分钟）", min_value=1, max_value=10_080)
    valid_from = forms.DateTimeField(label="生效时间", widget=_TIME)
    valid_to = forms.DateTimeField(label="失效时间", widget=_TIME, help_text="最长三年。")
    reason = forms.CharField(label="原因与内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = systems_for(scope, "monitoring.maintain").values_list("pk", "name")
        self.fields["systems"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field


class ProberForm(forms.Form):
    """A prober's name and zone (探测器)."""

    name = forms.CharField(label="名称", max_length=80)
    zone = forms.ChoiceField(
        label="网络区域",
        choices=[("", "全部区域"), *Zone.pairs()],
        required=False,
        help_text="只执行该区域的检查项。",
    )
    enabled = forms.BooleanField(label="启用", required=False)
