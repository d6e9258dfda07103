"""Forms about windows, alerts and probers."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
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


class DecisionForm(forms.Form):
    """A decision on a window (审批维护窗口)."""

    agree = forms.ChoiceField(
        label="决定", choices=[("1", "同意"), ("0", "不同意")], widget=forms.RadioSelect, initial="1"
    )
    note = forms.CharField(
        label="意见",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不同意时必填。",
    )


class AcknowledgeForm(forms.Form):
    """A word with the confirmation of an alert (确认告警)."""

    note = forms.CharField(
        label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


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
