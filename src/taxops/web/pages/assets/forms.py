"""Forms of assets (资产表单): the fixed fields, then those of the type; services decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from taxops.platform.assets.rules import AssetState, Field, RelationKind

PREFIX = "a_"
"""Before the names of a type's own fields, so that none can be taken for a fixed one."""


class DayField(forms.DateField):
    """A day, picked from the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class AssetForm(forms.Form):
    """An asset."""

    code = forms.CharField(
        label="资产编号", max_length=60, help_text="字母、数字、点、横线和下划线；登记后不能修改。"
    )
    name = forms.CharField(label="名称", max_length=120)
    org = forms.ChoiceField(label="所属机构")
    state = forms.ChoiceField(label="状态", choices=AssetState.pairs(), initial=AssetState.IN_USE.value)
    valid_from = DayField(label="启用日期", required=False)
    valid_to = DayField(label="停用日期", required=False, help_text="这一天起不再使用。")

    def __init__(
        self, *args: Any, fields: list[Field], orgs: list[tuple[str, str]], is_new: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["org"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = orgs
        if not is_new:
            del self.fields["code"]
        for field in fields:
            self.fields[PREFIX + field.name] = _input(field)

    def attributes(self) -> dict[str, Any]:
        """Return what was typed into the type's own fields."""
        return attributes_of(self.cleaned_data)


def attributes_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's values of the type's own fields, by their names."""
    return {key[len(PREFIX) :]: value for key, value in data.items() if key.startswith(PREFIX)}


def _input(field: Field) -> forms.Field:
    """Return the input for one attribute; the schema, not the input, decides what is right."""
    shared: dict[str, Any] = {"label": field.label, "required": field.required}
    if field.unit:
        shared["label"] = f"{field.label}（{field.unit}）"
    if field.kind == "choice":
        return forms.ChoiceField(choices=[("", "——"), *((c, c) for c in field.choices)], **shared)
    if field.kind == "yes_no":
        return forms.ChoiceField(choices=[("", "——"), ("是", "是"), ("否", "否")], **shared)
    if field.kind == "date":
        return DayField(**shared)
    if field.kind == "long":
        return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), **shared)
    attrs = {"inputmode": "decimal"} if field.kind in {"integer", "number"} else {}
    return forms.CharField(max_length=400, widget=forms.TextInput(attrs=attrs), **shared)


class RelateForm(forms.Form):
    """A relation from this asset to another."""

    kind = forms.ChoiceField(label="关系", choices=RelationKind.pairs())
    target = forms.CharField(label="对方资产编号", max_length=60, help_text="填写资产编号，例如 SYS-001。")
