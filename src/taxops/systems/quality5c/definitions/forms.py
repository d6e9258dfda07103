"""Forms of the indicators (指标表单)."""

from __future__ import annotations

from django import forms


class DefinitionForm(forms.Form):
    """A definition as text, and why it is changed."""

    text = forms.CharField(
        label="定义（TOML）",
        widget=forms.Textarea(attrs={"rows": 28, "class": "tx-code", "spellcheck": "false"}),
        help_text="业务口径写在 business；分子 num、分母 den、筛选 filter；写法见“指标定义格式”。",
    )
    note = forms.CharField(label="修改说明", max_length=300, help_text="为什么改，复核人会看到。")


class ReasonForm(forms.Form):
    """Why something is sent back (退回理由)."""

    note = forms.CharField(
        label="退回理由", max_length=280, widget=forms.Textarea(attrs={"rows": 3}), help_text="编制人会看到。"
    )


class ComputeForm(forms.Form):
    """Which figures are computed (计算内容)."""

    period = forms.CharField(label="统计期", max_length=7, help_text="月写 2025-06，季写 2025Q2，年写 2025。")
    codes = forms.CharField(
        label="指标",
        required=False,
        max_length=2000,
        help_text="指标代码，用空格分开；空着计算全部启用的指标。",
    )
