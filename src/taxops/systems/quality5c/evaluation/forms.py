"""Forms of schemes and trials (方案与试算表单)."""

from __future__ import annotations

import re
from typing import Any

from django import forms

_LINE = re.compile(r"\s*([\w-]+)\s*[=＝:：]\s*([-\d.]+)\s*(%?)\s*")
_CELL = re.compile(r"\s*(\w+)\s+([\w-]+)\s*[=＝:：]\s*([-\d.]+)\s*(%?)\s*")


class SchemeForm(forms.Form):
    """A template and a period (生成方案)."""

    template_id = forms.TypedChoiceField(label="方案模板", coerce=int)
    period = forms.CharField(label="统计期", max_length=7, help_text="月写 2025-06，季写 2025Q2。")

    def __init__(self, *args: Any, templates: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template_id"].choices = templates  # type: ignore[attr-defined]


class TrialForm(forms.Form):
    """What to try (试算内容); leaving everything empty must show no difference at all."""

    scheme_id = forms.TypedChoiceField(label="对照方案", coerce=int)
    title = forms.CharField(label="试算名称", max_length=120)
    model_version = forms.TypedChoiceField(
        label="模型版本", required=False, coerce=int, empty_value=None,
        help_text="草稿也可以；空着用方案自己的版本。",
    )  # fmt: skip
    tries = forms.TypedMultipleChoiceField(
        label="指标试跑", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text="用这些试跑的结果代替方案里同一指标的结果，看新口径对每个单位等级的影响；统计期须与方案相同。",
    )  # fmt: skip
    weights = forms.CharField(
        label="权重调整", required=False, widget=forms.Textarea(attrs={"rows": 4, "class": "tx-code"}),
        help_text="一行一项，例如 C1 = 35 或 C101 = 12；同层其余各项按比例分摊。",
    )  # fmt: skip
    values = forms.CharField(
        label="假设的指标值", required=False, widget=forms.Textarea(attrs={"rows": 4, "class": "tx-code"}),
        help_text="一行一项：单位代码 指标代码 = 值，例如 12201020000 C101 = 99%。",
    )  # fmt: skip

    def __init__(
        self, *args: Any, schemes: list[tuple[int, str]], versions: list[tuple[int, str]],
        tries: list[tuple[int, str]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["scheme_id"].choices = schemes  # type: ignore[attr-defined]
        self.fields["model_version"].choices = [("", "方案自己的版本"), *versions]  # type: ignore[attr-defined]
        self.fields["tries"].choices = tries  # type: ignore[attr-defined]
        if not tries:
            del self.fields["tries"]

    def clean_weights(self) -> dict[str, float]:
        """Return code → weight; a line that cannot be read is named."""
        found: dict[str, float] = {}
        for line in self.cleaned_data["weights"].splitlines():
            if line.strip():
                match = _LINE.fullmatch(line)
                if match is None:
                    raise forms.ValidationError(f"「{line.strip()}」看不懂。请写成 C101 = 12。")
                found[match[1]] = float(match[2])
        return found

    def clean_values(self) -> dict[tuple[str, str], float]:
        """Return (unit, code) → value; a line that cannot be read is named."""
        found: dict[tuple[str, str], float] = {}
        for line in self.cleaned_data["values"].splitlines():
            if line.strip():
                match = _CELL.fullmatch(line)
                if match is None:
                    raise forms.ValidationError(f"「{line.strip()}」看不懂。请写成 12201020000 C101 = 99%。")
                found[match[1], match[2]] = float(match[3]) / (100 if match[4] else 1)
        return found
