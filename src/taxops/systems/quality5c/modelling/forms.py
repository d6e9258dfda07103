"""Forms of models and templates (模型与模板表单)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from taxops.systems.quality5c.definitions.shipped import ASPECTS

from .words import UnitLevel

_NORMS = {"goalposts": 2, "target": 1, "range": 3}


class ModelForm(forms.Form):
    """Weights and normalisers of a model version, field by field (权重与归一)."""

    note = forms.CharField(label="修改说明", max_length=300)

    def __init__(self, *args: Any, tree: Mapping[str, Any], names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for aspect, part in tree.items():
            self.fields[f"a_{aspect}"] = forms.FloatField(
                label=f"{ASPECTS.get(aspect, aspect)} 权重", min_value=0.01, max_value=100
            )
            for code in part["items"]:
                title = f"{code} {names.get(code, '')}"
                self.fields[f"w_{code}"] = forms.FloatField(label=title, min_value=0.01, max_value=100)
                self.fields[f"n_{code}"] = forms.CharField(
                    label="归一", help_text="goalposts 最差 最好 / target 目标 / range 下限 上限 缓冲"
                )


def initial_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's content as the form's values."""
    found: dict[str, Any] = {}
    for aspect, part in data["tree"].items():
        found[f"a_{aspect}"] = part["w"]
        for code, item in part["items"].items():
            ((kind, value),) = item["norm"].items()
            listed = value if isinstance(value, list) else [value]
            found[f"w_{code}"] = item["w"]
            found[f"n_{code}"] = " ".join([kind, *(str(v) for v in listed)])
    return found


def data_of(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model with what the form says; what it does not show stays."""
    tree = {}
    for aspect, part in base["tree"].items():
        items = {}
        for code, item in part["items"].items():
            kind, *numbers = str(values[f"n_{code}"]).split()
            listed = [_number(n) for n in numbers]
            norm = {kind: listed} if kind in _NORMS else item["norm"] if kind == "bands" else {kind: listed}
            items[code] = {**item, "w": _plain(values[f"w_{code}"]), "norm": norm}
        tree[aspect] = {**part, "w": _plain(values[f"a_{aspect}"]), "items": items}
    return {**base, "tree": tree}


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text  # the model's own check says which indicator it is


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


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
    receivers = forms.CharField(label="结果发送", required=False, max_length=200)
    is_active = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, models: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model_id"].choices = models  # type: ignore[attr-defined]


class AhpForm(forms.Form):
    """A pairwise comparison matrix (判断矩阵)."""

    aspect = forms.ChoiceField(label="层级")
    matrix = forms.CharField(
        label="判断矩阵", widget=forms.Textarea(attrs={"rows": 8, "class": "tx-code"}),
        help_text="一行一项，数之间用空格；可写 1/3。对角线为 1，对称位置互为倒数。",
    )  # fmt: skip
    note = forms.CharField(label="修改说明", max_length=200)

    def __init__(self, *args: Any, levels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aspect"].choices = levels  # type: ignore[attr-defined]
