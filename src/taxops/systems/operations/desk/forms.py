"""Forms of the desk."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.platform.casework.rules import QUEUES
from taxops.platform.identity.queries import list_orgs
from taxops.systems.operations.cases.forms.offered import Offered, Pairs, code_for

from .words import Channel, Joining, Kind, Urgency

_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _orgs(scope: Scope, permission: str) -> list[tuple[int, str]]:
    return [(o.pk, o.name) for o in list_orgs(scope, permission=permission).order_by("path")[:800]]


def _area(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class IntakeForm(forms.Form):
    """What comes in (受理)."""

    conversation = forms.CharField(
        label="粘贴对话",
        max_length=50_000,
        required=False,
        widget=_area(3, accesskey="v"),
        help_text="从微信、QQ 复制的对话；提出人、时间、标题可以空着，由对话识别。原文作为附件保存。",
    )
    title = forms.CharField(
        label="标题",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"accesskey": "t", "autocomplete": "off", "data-similar": ""}),
    )
    type_code = forms.ChoiceField(label="类型", choices=Kind.pairs())
    channel = forms.ChoiceField(label="渠道", choices=Channel.pairs())
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.pairs(), initial=Urgency.NORMAL.value)
    requester = forms.CharField(label="提出人", max_length=60, required=False)
    contact = forms.CharField(label="联系方式", max_length=80, required=False)
    org_id = forms.TypedChoiceField(label="机构", coerce=int)
    system = forms.CharField(label="系统", max_length=60, required=False)
    hall = forms.CharField(label="办税服务厅", max_length=60, required=False, help_text="现场服务必填。")
    at = forms.DateTimeField(label="提出时间", widget=_TIME, required=False, help_text="空着就是现在。")
    description = forms.CharField(
        label="描述", max_length=4000, required=False, widget=_area(4, **{"data-similar": ""})
    )
    answer = forms.CharField(
        label="当场答复",
        max_length=4000,
        required=False,
        widget=_area(3, accesskey="a"),
        help_text="服务请求当场答复了就写在这里，保存后即为已答复。",
    )
    article_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    canned_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: Scope, systems: Pairs = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = systems
        self.fields["org_id"].choices = _orgs(scope, "cases.open")  # type: ignore[attr-defined]  # a choice field
        self.fields["system"].widget = Offered([name for _, name in systems], {"maxlength": 60})

    def clean(self) -> dict[str, Any]:
        """Return the values, a system by its code; without a conversation, title and requester are needed."""
        data = dict(super().clean() or {})
        if data.get("system"):
            data["system"] = code_for(data["system"], self.systems)
        if not data.get("conversation"):
            for name, label in (("title", "标题"), ("requester", "提出人")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, f"请填写{label}。")
        return data


class AnswerForm(forms.Form):
    """A canned answer (常用答复)."""

    title = forms.CharField(label="标题", max_length=80)
    org_id = forms.TypedChoiceField(label="机构", coerce=int)
    body = forms.CharField(label="答复", max_length=4000, widget=_area(8))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_id"].choices = _orgs(scope, "cases.handle")  # type: ignore[attr-defined]  # a choice field


class HandForm(forms.Form):
    """To which queue and why (移交)."""

    queue = forms.ChoiceField(label="移交到")
    reason = forms.CharField(label="原因", max_length=500, widget=_area(3))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["queue"].choices = [(code, q.label) for code, q in QUEUES.items()]  # type: ignore[attr-defined]


class JoinForm(forms.Form):
    """What a case has to do with another (关联、合并)."""

    how = forms.ChoiceField(label="方式", choices=Joining.pairs())
    number = forms.CharField(label="对方编号", max_length=30)
    reason = forms.CharField(
        label="原因", max_length=500, required=False, widget=_area(2), help_text="合并时必填。"
    )


class ConferenceForm(forms.Form):
    """A conference of experts (专家会诊)."""

    held_at = forms.DateTimeField(label="会诊时间", widget=_TIME)
    experts = forms.CharField(label="参加专家", max_length=300, help_text="至少两位，用顿号分开。")
    opinions = forms.CharField(label="各方意见", max_length=8000, widget=_area(5))
    conclusion = forms.CharField(label="会诊结论", max_length=4000, widget=_area(4))
