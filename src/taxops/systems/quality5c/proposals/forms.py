"""Forms of the proposals (提议表单)."""

from __future__ import annotations

from typing import Any

from django import forms


class ProposalForm(forms.Form):
    """Which unit proposes what, and why (提议内容)."""

    org_id = forms.TypedChoiceField(label="提议单位", coerce=int)
    reason = forms.CharField(
        label="提议理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="为什么需要这个指标，想解决什么问题；审核人会看到。",
    )  # fmt: skip
    text = forms.CharField(
        label="定义（TOML）",
        widget=forms.Textarea(attrs={"rows": 22, "class": "tx-code", "spellcheck": "false"}),
        help_text="业务口径写在 business；代码已取一个没有用过的，可以改。",
    )

    def __init__(self, *args: Any, units: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_id"].choices = units  # type: ignore[attr-defined]
        if not units:
            del self.fields["org_id"]  # an old proposal keeps its unit


class AnswerForm(forms.Form):
    """The province's word on a proposal (审核意见)."""

    answer = forms.CharField(
        label="审核意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="提议单位会看到。",
    )
