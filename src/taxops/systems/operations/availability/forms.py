"""Forms of availability (可用性表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.platform.identity.queries import list_orgs
from taxops.systems.operations.monitoring.queries import systems_for

from .words import ExclusionKind

_TIME = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class ExclusionForm(forms.Form):
    """A request that a stretch should not count (申请剔除)."""

    system = forms.TypedChoiceField(label="系统", coerce=int)
    kind = forms.ChoiceField(label="事由", choices=ExclusionKind.pairs())
    starts_at = forms.DateTimeField(label="开始时间", widget=_TIME)
    ends_at = forms.DateTimeField(label="结束时间", widget=_TIME, help_text="不含这一刻。")
    reason = forms.CharField(
        label="说明",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="为什么这段时间不应计入中断。",
    )
    evidence = forms.CharField(
        label="佐证",
        max_length=500,
        help_text="通知文号、工单编号、运营商证明等，审批人据此核对。",
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = systems_for(scope, "availability.exclude").values_list("pk", "name")
        self.fields["system"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field


class RevokeForm(forms.Form):
    """Why an exclusion is taken back (撤销剔除)."""

    why = forms.CharField(label="撤销原因", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class AgreementForm(forms.Form):
    """A contract's terms (可用性约定)."""

    name = forms.CharField(label="合同名称", max_length=120)
    number = forms.CharField(label="合同编号", max_length=60, required=False)
    org_id = forms.TypedChoiceField(label="所属机构", coerce=int)
    systems = forms.TypedMultipleChoiceField(
        label="适用系统",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选：机构及下级的全部系统。",
    )
    signed_on = forms.DateField(
        label="签订日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="服务年度自这一天起算。",
    )
    total_h = forms.FloatField(label="全年累计中断上限", min_value=0.01, max_value=8784, initial=12)
    each_h = forms.FloatField(label="每次中断上限", min_value=0.01, max_value=8784, initial=2)
    streak_months = forms.IntegerField(label="连续无中断", min_value=1, max_value=12, initial=6)
    exclude_planned = forms.BooleanField(label="剔除已批准的计划内维护", required=False, initial=True)
    coverage_pct = forms.FloatField(label="监测覆盖率下限", min_value=0, max_value=100, initial=99)
    source = forms.CharField(label="依据", max_length=200, initial="招标文件三（四）2、3")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orgs = list_orgs(scope, permission="availability.agree").filter(
            valid_to=None, level__in=["state", "province", "city"]
        )
        choices = {
            "org_id": list(orgs.order_by("path").values_list("pk", "name")),
            "systems": list(systems_for(scope, "availability.agree").values_list("pk", "name")),
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]  # a choice field
