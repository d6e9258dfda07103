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
