"""Forms of alerting (告警表单)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.systems.operations.words import Severity

from . import queries
from .rules import CALENDARS, LABELS, InhibitionFacts

_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
_LINES = "一行一条：名称=值、名称!=值、名称=~正则、名称^=开头。可用标签：" + "、".join(
    f"{name}（{words}）" for name, words in LABELS.items()
)


class AcknowledgeForm(forms.Form):
    """A word with the confirmation of an alert (确认告警)."""

    note = forms.CharField(
        label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SilenceForm(forms.Form):
    """A silence (静默)."""

    org = forms.TypedChoiceField(label="适用机构", coerce=int)
    matchers = forms.CharField(
        label="匹配条件", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text=_LINES
    )
    starts_at = forms.DateTimeField(label="开始时间", widget=_TIME)
    ends_at = forms.DateTimeField(label="结束时间", widget=_TIME)
    reason = forms.CharField(label="原因", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = queries.orgs_for(scope, "alerting.silence")  # type: ignore[attr-defined]  # a choice field

    def clean_matchers(self) -> list[str]:
        """Return the conditions, one a line."""
        return [line.strip() for line in self.cleaned_data["matchers"].splitlines() if line.strip()]


class SilenceManyForm(forms.Form):
    """Silences of chosen alerts (批量静默)."""

    ids = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    ends_at = forms.DateTimeField(
        label="静默到", widget=_TIME, help_text="最长 30 天；到期仍未恢复的会通知。"
    )
    reason = forms.CharField(label="原因", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_ids(self) -> list[int]:
        """Return the alerts' keys."""
        return ids_of(self.cleaned_data["ids"])


def ids_of(text: str) -> list[int]:
    """Return the keys in a list such as `3,17`; what is none is left out."""
    parts = [part.strip() for part in text.split(",")[:1000]]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 18]


class RouteForm(forms.Form):
    """A route (告警路由)."""

    name = forms.CharField(label="名称", max_length=60)
    org = forms.TypedChoiceField(label="适用机构（含下级）", coerce=int, required=False, empty_value=None)
    systems = forms.MultipleChoiceField(
        label="系统", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不选表示全部系统。"
    )
    severities = forms.MultipleChoiceField(
        label="重要程度",
        required=False,
        choices=Severity.pairs(),
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选表示全部。",
    )
    matchers = forms.CharField(
        label="其他匹配条件",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_LINES,
    )
    times = forms.MultipleChoiceField(
        label="生效时间",
        required=False,
        choices=list(CALENDARS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选表示任何时间；所选日历都不在工作时间时，本路由不参与匹配。",
    )
    receivers = forms.MultipleChoiceField(label="通知对象", widget=forms.CheckboxSelectMultiple)
    people = forms.CharField(
        label="指定人员",
        required=False,
        max_length=400,
        help_text="填写用户名，用逗号分隔。",
    )
    policy = forms.TypedChoiceField(label="升级策略", coerce=int, required=False, empty_value=None)
    hold = forms.ChoiceField(
        label="非紧急告警等待",
        required=False,
        choices=[("", "不等待，随时通知"), *CALENDARS.items()],
        help_text="「一般」级别的告警等到该日历的工作时间再通知；紧急、重要的随时通知。",
    )
    group_by = forms.CharField(
        label="分组标签", max_length=200, initial="system", help_text="这些标签都相同的告警合在一条通知里。"
    )
    wait_s = forms.IntegerField(label="首次通知前等待", min_value=0, max_value=3600, initial=0)
    interval_s = forms.IntegerField(label="同组再次通知间隔", min_value=1, max_value=86400, initial=30)
    repeat_s = forms.IntegerField(label="未恢复重复间隔", min_value=60, max_value=30 * 86400, initial=14_400)
    goes_on = forms.BooleanField(label="匹配后继续尝试后面的路由", required=False)
    is_enabled = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = [(row.pk, row.name) for row in queries.list_policies(scope)]
        choices = {
            "org": [("", "全部（平台级）"), *queries.orgs_for(scope, "alerting.route")],
            "systems": queries.system_choices(scope),
            "receivers": queries.receiver_choices(),
            "policy": [("", "不升级"), *policies],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]  # a choice field

    def clean_matchers(self) -> list[str]:
        """Return the conditions, one a line."""
        return [line.strip() for line in self.cleaned_data["matchers"].splitlines() if line.strip()]

    def clean_group_by(self) -> list[str]:
        """Return the labels."""
        return [
            one.strip() for one in self.cleaned_data["group_by"].replace("，", ",").split(",") if one.strip()
        ]


class InhibitionForm(forms.Form):
    """An inhibition (抑制规则)."""

    name = forms.CharField(label="名称", max_length=60)
    org = forms.TypedChoiceField(
        label="适用机构（含下级）",
        coerce=int,
        required=False,
        empty_value=None,
        help_text="起因和被抑制的告警都应在其中。",
    )
    source = forms.CharField(
        label="起因",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="什么样的告警未恢复时；各条都要符合。" + _LINES,
    )
    target = forms.CharField(
        label="被抑制",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="什么样的告警不再单独通知；写法相同。本身就是起因的告警不会被抑制。",
    )
    equal = forms.CharField(
        label="须相同的标签",
        max_length=200,
        required=False,
        help_text="两条告警的这些标签都相同才抑制，用逗号分隔，例如 system。不填则不比较。",
    )
    reason = forms.CharField(
        label="说明",
        max_length=200,
        help_text="显示在被抑制的告警上，例如：所属系统已中断，检查项不再单独通知。",
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = [("", "全部（平台级）"), *queries.orgs_for(scope, "alerting.inhibit")]  # type: ignore[attr-defined]  # a choice field


def inhibition_facts(data: Mapping[str, Any]) -> InhibitionFacts:
    """Return what an inhibition form says, from its cleaned data or from an address."""
    return InhibitionFacts(
        tuple(str(data.get("source") or "").splitlines()),
        tuple(str(data.get("target") or "").splitlines()),
        tuple(str(data.get("equal") or "").replace("，", ",").split(",")),
        str(data.get("reason") or ""),
        str(data.get("name") or ""),
    )


class PolicyForm(forms.Form):
    """An escalation policy (升级策略): up to four steps."""

    name = forms.CharField(label="名称", max_length=60)
    org = forms.TypedChoiceField(label="所属机构", coerce=int, required=False, empty_value=None)
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = [("", "全部（平台级）"), *queries.orgs_for(scope, "alerting.route")]  # type: ignore[attr-defined]  # a choice field
        for n in range(1, 5):
            self.fields[f"after_{n}"] = forms.IntegerField(
                label=f"第 {n} 步：多久无人确认", required=n == 1, min_value=1, max_value=7 * 24 * 60
            )
            self.fields[f"receivers_{n}"] = forms.MultipleChoiceField(
                label=f"第 {n} 步：通知",
                required=n == 1,
                choices=queries.receiver_choices(),
                widget=forms.CheckboxSelectMultiple,
            )


def steps_of(data: Any) -> list[dict[str, Any]]:
    """Return the steps of a policy form's data."""
    return [
        {"after_s": data[f"after_{n}"] * 60, "receivers": list(data[f"receivers_{n}"])}
        for n in range(1, 5)
        if data.get(f"after_{n}") and data.get(f"receivers_{n}")
    ]
