"""Forms of models and templates (模型与模板表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.indicators import Grain

from .words import RATING_COLUMNS, Receivers, Timing, UnitLevel, WeightMethod


class TemplateForm(forms.Form):
    """A scheme template (方案模板)."""

    code = forms.SlugField(label="代码", max_length=40)
    name = forms.CharField(label="名称", max_length=80)
    model_id = forms.TypedChoiceField(label="评价模型", coerce=int)
    level = forms.ChoiceField(label="评价层级", choices=UnitLevel.pairs())
    excluded = forms.CharField(
        label="不参评单位",
        required=False,
        help_text="单位代码，用空格分开。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    classes = forms.IntegerField(label="每类型分档数", min_value=1, max_value=8, initial=4)
    smallest_class = forms.IntegerField(label="最小类规模", min_value=2, max_value=50, initial=8)
    lag_days = forms.IntegerField(label="征期后取数天数", min_value=0, max_value=90, initial=20)
    grain = forms.ChoiceField(label="统计周期", choices=Grain.pairs(), initial=Grain.MONTH.value)
    timing = forms.ChoiceField(
        label="定时", choices=Timing.pairs(), initial=Timing.OFF.value,
        help_text="征期结束再过上述天数，由后台作业计算一期；定时评价生成方案等待他人发布，定时试算不生成方案。",
    )  # fmt: skip
    most_doubtful = forms.IntegerField(
        label="存疑与缺失上限", min_value=0, max_value=100, initial=20,
        help_text="数据质量门槛：参评的数中存疑和缺失的超过这一比例，或有控制总数核对不通过，方案不得发布（照常计算）。",
    )  # fmt: skip
    send_to = forms.ChoiceField(
        label="结果发送", choices=Receivers.pairs(), initial=Receivers.NONE.value,
        help_text="发布时通知；每人只收到其管理范围内的结果。",
    )  # fmt: skip
    columns = forms.MultipleChoiceField(
        label="结果列", choices=RATING_COLUMNS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="综合评级列表和导出默认显示的列；都不勾为标准列。各人还可在列表上另选。",
    )  # fmt: skip
    is_active = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, models: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model_id"].choices = models  # type: ignore[attr-defined]


class AdoptForm(forms.Form):
    """Which computed weights are taken over, for which levels (采用权重)."""

    method = forms.ChoiceField(label="赋权方法", choices=WeightMethod.pairs(), widget=forms.RadioSelect)
    aspects = forms.MultipleChoiceField(
        label="采用于", widget=forms.CheckboxSelectMultiple, help_text="没有勾选的方面保持现在的权重。"
    )
    note = forms.CharField(label="修改说明", max_length=200, help_text="为什么采用，复核人会看到。")

    def __init__(self, *args: Any, aspects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aspects"].choices = aspects  # type: ignore[attr-defined]


_SCALE = [
    *((str(n), f"{n}") for n in range(9, 1, -1)), ("1", "1"), *((f"1/{n}", f"1/{n}") for n in range(2, 10)),
]  # fmt: skip
"""Saaty's scale, from far more important to far less."""


class AhpForm(forms.Form):
    """A pairwise comparison (判断矩阵): the upper triangle is chosen, the rest follows."""

    note = forms.CharField(label="修改说明", max_length=200)

    def __init__(self, *args: Any, names: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        for i, (_, row) in enumerate(names):
            for j in range(i + 1, len(names)):
                label = f"{row} 比 {names[j][1]}"
                self.fields[f"m_{i}_{j}"] = forms.ChoiceField(
                    label=label, choices=_SCALE, initial="1",
                    widget=forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": label}),
                )  # fmt: skip

    def grid(self) -> list[tuple[str, str, list[Any]]]:
        """Return the rows: code, name, cells; None below the diagonal, where the reciprocal stands."""
        size = len(self.names)
        return [
            (code, name, [self[f"m_{i}_{j}"] if j > i else None for j in range(size)])
            for i, (code, name) in enumerate(self.names)
        ]

    def matrix(self) -> str:
        """Return the whole matrix as text, rows of numbers and fractions."""
        size, rows = len(self.names), []
        for i in range(size):
            cells = []
            for j in range(size):
                upper = str(self.cleaned_data[f"m_{min(i, j)}_{max(i, j)}"]) if i != j else "1"
                cells.append(upper if j >= i else inverse(upper))
            rows.append(" ".join(cells))
        return "\n".join(rows)


def inverse(text: str) -> str:
    """Return the reciprocal of a judgement: `3` of `1/3`, `1/3` of `3`."""
    return text[2:] if text.startswith("1/") else "1" if text == "1" else f"1/{text}"
