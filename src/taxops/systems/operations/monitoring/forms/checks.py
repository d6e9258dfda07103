"""The check editor's form (检查项表单), generated from the kind's declaration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.engines.checks import FlapPolicy, Kind, Param, ParamType, check_kinds
from taxops.systems.operations.monitoring.definitions import Definition
from taxops.systems.operations.monitoring.items import all_items
from taxops.systems.operations.monitoring.queries import systems_for
from taxops.systems.operations.monitoring.words import Severity, Zone

CODE = {"class": "tx-code", "spellcheck": "false", "autocomplete": "off"}
_NUMBERS = ("interval_s", "retry_interval_s", "timeout_s")
_FLAP = ("flap", "flap_results", "flap_high", "flap_low")
PLAIN = ("name", "target", "zone", "item", "severity", "note", "confirm", "recover", *_FLAP, *_NUMBERS)


class KindForm(forms.Form):
    """Which kind of check (检查类型)."""

    kind = forms.ChoiceField(label="检查类型")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(name, kind.title) for name, kind in check_kinds.items()]  # type: ignore[attr-defined]  # a ChoiceField


class CheckForm(forms.Form):
    """A check (检查项). Its parameters' fields are named `params.<name>`."""

    system = forms.TypedChoiceField(label="所属系统", coerce=int)
    name = forms.CharField(label="名称", max_length=120)
    target = forms.CharField(
        label="检查对象", max_length=2000, required=False, widget=forms.TextInput(attrs=CODE)
    )
    conditions = forms.CharField(
        label="正常条件",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={**CODE, "rows": 3}),
        help_text="每行一条，须全部成立；不成立即为异常。",
    )
    warnings = forms.CharField(
        label="警告条件",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={**CODE, "rows": 2}),
        help_text="每行一条；不成立为警告，不算中断。",
    )
    interval_s = forms.FloatField(label="检查间隔", initial=60, min_value=0.5, max_value=86_400)
    retry_interval_s = forms.FloatField(label="确认间隔", initial=10, min_value=0.5, max_value=86_400)
    timeout_s = forms.FloatField(label="超时", initial=5, min_value=0.1, max_value=300)
    confirm = forms.IntegerField(
        label="确认次数",
        initial=3,
        min_value=1,
        max_value=20,
        help_text="连续几次异常才算中断；中断从第一次异常起算。",
    )
    recover = forms.IntegerField(
        label="恢复次数",
        initial=2,
        min_value=1,
        max_value=20,
        help_text="连续几次正常才算恢复；中断到第一次正常为止。",
    )
    flap = forms.BooleanField(
        label="判定抖动",
        initial=True,
        required=False,
        help_text="时好时坏过于频繁时标为抖动：开始和结束各通知一次，其间的中断照常计入，不逐次通知。",
    )
    flap_results = forms.IntegerField(
        label="看最近几次结果",
        initial=20,
        min_value=FlapPolicy.LEAST,
        max_value=FlapPolicy.MOST,
        help_text="由好变坏、由坏变好各算一次变化，越近的变化占比越大。",
    )
    flap_high = forms.IntegerField(label="变化率达到即为抖动", initial=30, min_value=2, max_value=100)
    flap_low = forms.IntegerField(label="变化率低于即结束", initial=20, min_value=1, max_value=99)
    zone = forms.ChoiceField(label="网络区域", choices=Zone.pairs(), initial=Zone.INTRANET.value)
    item = forms.ChoiceField(label="监控内容", required=False)
    severity = forms.ChoiceField(label="重要程度", choices=Severity.pairs(), initial=Severity.MAJOR.value)
    note = forms.CharField(
        label="备注", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *args: Any, scope: Scope, kind: Kind, sealed: frozenset[str] = frozenset(), **kwargs: Any
    ) -> None:
        """Make the fields of a kind.

        Args:
            scope: who edits.
            kind: whose parameters are asked for.
            sealed: names of secrets that are stored already.
        """
        super().__init__(*args, **kwargs)
        self.kind = kind
        systems = systems_for(scope, "monitoring.edit").values_list("pk", "name")
        self.fields["system"].choices = [("", "请选择"), *systems]  # type: ignore[attr-defined]  # a choice field
        items = [("", "（不属于招标文件列明的内容）"), *((i.code, f"{i.code} {i.name}") for i in all_items())]
        self.fields["item"].choices = items  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["target"].label = kind.target_label
        self.fields["target"].help_text = kind.target_help
        if kind.conditions:
            usual = "；".join(kind.conditions)
            self.fields["conditions"].help_text = f"每行一条，须全部成立；留空用缺省条件：{usual}"
        if kind.passive:
            for name in ("conditions", "warnings", "confirm", "recover", *_FLAP, *_NUMBERS):
                del self.fields[name]
        for param in kind.params:
            self.fields[f"params.{param.name}"] = _field(param, stored=param.name in sealed)


def initial_of(definition: Definition, kind: Kind) -> dict[str, Any]:
    """Return the form's values for a stored definition; secrets stay out."""
    values: dict[str, Any] = {name: getattr(definition, name) for name in PLAIN}
    values["conditions"] = "\n".join(definition.conditions)
    values["warnings"] = "\n".join(definition.warnings)
    for param in kind.params:
        if not param.secret and param.name in definition.params:
            values[f"params.{param.name}"] = _text(param, definition.params[param.name])
    return values


def _text(param: Param, value: Any) -> Any:
    if isinstance(value, Mapping) and param.type is ParamType.MAP:
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, list | tuple) and param.type is ParamType.LIST:
        return ", ".join(map(str, value))
    if param.type is ParamType.JSON and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return value


def _field(param: Param, *, stored: bool) -> forms.Field:
    """Return the field of a parameter."""
    shared: dict[str, Any] = {"label": param.label, "help_text": param.help}
    required = param.required and not stored
    if param.type is ParamType.BOOLEAN:
        return forms.BooleanField(required=False, initial=bool(param.default), **shared)
    if param.type is ParamType.CHOICE:
        return forms.ChoiceField(choices=param.choices, initial=param.default, required=False, **shared)
    if param.type in (ParamType.INTEGER, ParamType.NUMBER):
        made: type[Any] = forms.IntegerField if param.type is ParamType.INTEGER else forms.FloatField
        number: forms.Field = made(
            required=required, initial=param.default, min_value=param.least, max_value=param.most, **shared
        )
        return number
    attrs: dict[str, Any] = dict(CODE)
    if stored:
        attrs["placeholder"] = "已加密保存；留空不改"
    lines = param.type in (ParamType.LINES, ParamType.MAP, ParamType.JSON)
    if param.type is ParamType.MAP:
        attrs.setdefault("placeholder", "名称: 值")
    widget: forms.Widget
    if lines:
        widget = forms.Textarea(attrs={**attrs, "rows": 8 if param.type is ParamType.JSON else 3})
    elif param.secret:
        widget = forms.PasswordInput(attrs={**attrs, "autocomplete": "new-password"})
    else:
        widget = forms.TextInput(attrs=attrs)
    default = param.default
    initial = _text(param, default) if default not in (None, (), {}, []) else None
    return forms.CharField(
        required=required, widget=widget, initial=initial, max_length=100_000, strip=not lines, **shared
    )
