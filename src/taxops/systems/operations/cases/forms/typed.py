"""Forms made from a case type (按类型生成的表单): one Django field for each field that a step asks for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms

from taxops.engines.base import fen_to_yuan, yuan_to_fen
from taxops.engines.cases import Asked, CaseType, Field, FieldKind

from .offered import Offered, Pairs, code_for

LOCAL = "%Y-%m-%dT%H:%M"


def _moment(label: str, help_text: str = "", *, required: bool = False) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
    )


def field_of(field: Field, *, required: bool) -> forms.Field:
    """Return the Django field for a field of a type; what it lets through is checked again by the engine."""
    unit = "元" if field.kind is FieldKind.MONEY else field.unit
    label = f"{field.label}（{unit}）" if unit else field.label
    common: dict[str, Any] = {"label": label, "required": required, "help_text": field.help}
    options = list(field.options)
    match field.kind:
        case FieldKind.LONG:
            return forms.CharField(
                **common, max_length=field.maximum or 20000, widget=forms.Textarea(attrs={"rows": 4})
            )
        case FieldKind.INT | FieldKind.PERSON:
            return forms.IntegerField(**common, min_value=field.minimum, max_value=field.maximum or 10**9)
        case FieldKind.MONEY:
            least = None if field.minimum is None else Decimal(field.minimum) / 100
            return forms.DecimalField(**common, min_value=least, max_digits=14, decimal_places=2)
        case FieldKind.BOOL:
            return forms.ChoiceField(**common, choices=[("", "请选择"), ("1", "是"), ("0", "否")])
        case FieldKind.DATE:
            return forms.DateField(**common, widget=forms.DateInput(attrs={"type": "date"}))
        case FieldKind.INSTANT:
            return _moment(label, field.help, required=required)
        case FieldKind.CHOICE:
            return forms.ChoiceField(**common, choices=[("", "请选择"), *options])
        case FieldKind.MULTI | FieldKind.CHECKLIST:
            return forms.MultipleChoiceField(**common, choices=options, widget=forms.CheckboxSelectMultiple)
        case _:
            return forms.CharField(**common, max_length=field.maximum or 200)


def kept(field: Field, value: Any) -> Any:
    """Return a cleaned value as history keeps it."""
    if value in (None, ""):
        return None
    match field.kind:
        case FieldKind.BOOL:
            return value == "1"
        case FieldKind.DATE:
            return value.isoformat()
        case FieldKind.INSTANT:
            return int(value.timestamp())
        case FieldKind.MONEY:
            return yuan_to_fen(value)
        case _:
            return value


def shown(field: Field, value: Any) -> Any:
    """Return a kept value as the form starts with it."""
    match field.kind:
        case FieldKind.BOOL:
            return {True: "1", False: "0"}.get(value, "")
        case FieldKind.INSTANT if value is not None:
            return datetime.fromtimestamp(int(value), UTC)
        case FieldKind.MONEY if value is not None:
            return fen_to_yuan(int(value)).replace(",", "")
        case _:
            return value


class TypedForm(forms.Form):
    """The root of forms made from a type: the asked fields, the time of fact, a token against double pressing."""

    def __init__(
        self, *args: Any, kind: CaseType, asks: Sequence[Asked], systems: Pairs = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.asks, self.systems = kind, asks, systems
        for ask in asks:
            self.fields[ask.code] = field_of(kind.fields[ask.code], required=ask.required)
        if "system" in self.fields:
            self.fields["system"].widget = Offered([name for _, name in systems], {"maxlength": 60})
        self.fields["happened_at"] = _moment("发生时间", "补录时填写；不填即为现在。")
        self.fields["token"] = forms.CharField(
            required=False, max_length=40, widget=forms.HiddenInput, initial=secrets.token_hex(8)
        )

    def data_of(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return the asked values as history keeps them."""
        found = {a.code: kept(self.kind.fields[a.code], cleaned.get(a.code)) for a in self.asks}
        if found.get("system"):
            found["system"] = code_for(found["system"], self.systems)
        return found


class StepForm(TypedForm):
    """The form of a step (办理表单)."""


class OpenForm(TypedForm):
    """The form that opens a case (发起表单), with the organisation it belongs to."""

    def __init__(self, *args: Any, orgs: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"] = forms.TypedChoiceField(label="所属机构", coerce=int, choices=list(orgs))
        self.order_fields(["org", *(a.code for a in self.asks), "happened_at", "token"])
