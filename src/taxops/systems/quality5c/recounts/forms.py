"""Forms of recounts (核算表单)."""

from __future__ import annotations

from typing import Any

from django import forms


class TryForm(forms.Form):
    """What a version is tried on (试跑内容)."""

    period = forms.CharField(label="统计期", max_length=7, help_text="月写 2025-06，季写 2025Q2。")
    against = forms.TypedChoiceField(
        label="对照版本", coerce=int, empty_value=None, required=False, help_text="与哪个版本逐单位比较。"
    )
    unit = forms.CharField(
        label="记录取自", max_length=20, required=False,
        help_text="单位代码；列出这个单位计入分子的记录。空着取您管理范围的最上级。",
    )  # fmt: skip

    def __init__(self, *args: Any, versions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = [("", "不比较"), *versions]  # type: ignore[attr-defined]
