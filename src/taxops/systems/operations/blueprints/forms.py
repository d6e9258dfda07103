"""Forms of templates (模板表单): one entry, one application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.engines.checks import Kind, Param, ParamType, check_kinds
from taxops.platform.assets.queries import current_types
from taxops.systems.operations.monitoring.items import all_items
from taxops.systems.operations.monitoring.queries import systems_for
from taxops.systems.operations.monitoring.words import Severity, Zone

from .queries import EDIT, asset_choices
from .rules import Role

CODE = {"class": "tx-code", "spellcheck": "false", "autocomplete": "off"}
NUMBERS = ("interval_s", "retry_interval_s", "timeout_s", "confirm", "recover")


class BlueprintForm(forms.Form):
    """A new template (新建监控模板)."""

    code = forms.CharField(label="模板代码", max_length=40, widget=forms.TextInput(attrs=CODE))
    name = forms.CharField(label="模板名称", max_length=80)
    description = forms.CharField(label="说明", max_length=400, required=False)
    copied_from = forms.TypedChoiceField(label="从哪个模板复制", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, known: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copied_from"].choices = [("", "（空白模板）"), *known]  # type: ignore[attr-defined]  # a choice field


def asked_params(kind: Kind) -> list[Param]:
    """Return the parameters that the editor asks for (可在模板中填写的参数): of the secret ones, those of one value."""
    return [p for p in kind.params if not p.secret or p.type is ParamType.TEXT]


class EntryForm(forms.Form):
    """One check of a template (模板检查). Values may hold placeholders such as `{ip}`."""

    key = forms.CharField(label="代码", max_length=39, widget=forms.TextInput(attrs=CODE))
    name = forms.CharField(label="名称", max_length=120)
    target = forms.CharField(
        label="检查对象", max_length=500, required=False, widget=forms.TextInput(attrs=CODE)
    )
    asset_type = forms.ChoiceField(
        label="按资产建立", required=False, help_text="选择后，对所选资产中每个该类型的资产各建一条。"
    )
    conditions = forms.CharField(
        label="正常条件", required=False, max_length=4000, widget=forms.Textarea(attrs={**CODE, "rows": 3}),
        help_text="每行一条；留空用该类型的缺省条件。",
    )  # fmt: skip
    warnings = forms.CharField(
        label="警告条件", required=False, max_length=4000, widget=forms.Textarea(attrs={**CODE, "rows": 2})
    )
    interval_s = forms.FloatField(label="检查间隔", initial=60, min_value=0.5, max_value=86_400)
    retry_interval_s = forms.FloatField(label="确认间隔", initial=10, min_value=0.5, max_value=86_400)
    timeout_s = forms.FloatField(label="超时", initial=5, min_value=0.1, max_value=300)
    confirm = forms.IntegerField(label="确认次数", initial=3, min_value=1, max_value=20)
    recover = forms.IntegerField(label="恢复次数", initial=2, min_value=1, max_value=20)
    item = forms.ChoiceField(label="监控内容", required=False)
    zone = forms.ChoiceField(label="网络区域", choices=Zone.pairs(), initial=Zone.INTRANET.value)
    severity = forms.ChoiceField(label="重要程度", choices=Severity.pairs(), initial=Severity.MAJOR.value)
    role = forms.ChoiceField(label="在健康树中", choices=Role.pairs(), initial=Role.NONE.value)
    group = forms.CharField(
        label="组名", max_length=40, required=False, help_text="「组内至少一个正常」时填写。"
    )

    def __init__(self, *args: Any, kind: Kind, fixed_key: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        types = [("", "（整个系统一条）"), *current_types().values_list("code", "name")]
        self.fields["asset_type"].choices = types  # type: ignore[attr-defined]  # a choice field
        items = [("", "（不属于招标文件列明的内容）"), *((i.code, f"{i.code} {i.name}") for i in all_items())]
        self.fields["item"].choices = items  # type: ignore[attr-defined]  # a choice field
        self.fields["target"].label = kind.target_label
        self.fields[
            "target"
        ].help_text = f"{kind.target_help}可写 {{ip}} 一类占位符，取自资产属性或套用时的填写。"
        if fixed_key:
            self.fields["key"].disabled = True
        if kind.passive:
            for name in ("conditions", "warnings", *NUMBERS):
                del self.fields[name]
        for param in asked_params(kind):
            if param.secret:  # a template is read by everybody: it holds no more than whose answer to take
                self.fields[f"params.{param.name}"] = forms.RegexField(
                    r"\A\{[a-z][a-z0-9_.]*\}\Z",
                    label=param.label,
                    required=False,
                    max_length=42,
                    widget=forms.TextInput(attrs=CODE),
                    help_text="不写口令本身，只写占位符，例如 {db.password}；套用时填写，加密保存在检查项里。",
                    error_messages={"invalid": "只能写一个占位符，例如 {db.password}。"},
                )
                continue
            many = param.type in {ParamType.LINES, ParamType.MAP, ParamType.LIST, ParamType.JSON}
            self.fields[f"params.{param.name}"] = forms.CharField(
                label=param.label,
                required=False,
                max_length=8000,
                help_text=param.help,
                widget=forms.Textarea(attrs={**CODE, "rows": 3}) if many else forms.TextInput(attrs=CODE),
            )


class AskForm(forms.Form):
    """What whoever applies the template is asked (套用时要填写的内容)."""

    name = forms.CharField(
        label="占位符", max_length=40, widget=forms.TextInput(attrs=CODE),
        help_text="检查里写作 {占位符}；小写字母、数字、下划线和点，例如 front.ip。",
    )  # fmt: skip
    label = forms.CharField(label="要填什么", max_length=60)
    example = forms.CharField(label="例子", max_length=120, required=False)
    group = forms.CharField(
        label="归在", max_length=60, required=False, help_text="套用页上的小标题；可不填。"
    )
    secret = forms.BooleanField(
        label="是口令", required=False, help_text="勾选后不回显，只加密保存在检查项里；用在类型的口令参数中。"
    )

    def __init__(self, *args: Any, fixed_name: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed_name:
            self.fields["name"].disabled = True


def ask_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template's question in a form's cleaned data."""
    found = {name: str(data.get(name) or "").strip() for name in ("name", "label", "example", "group")}
    return {**found, "secret": bool(data.get("secret"))}


def entry_of(kind: Kind, data: Mapping[str, Any], held: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the template's entry in a form's cleaned data; parameters that the form does not ask stay."""
    asked = {p.name for p in asked_params(kind)}
    params = {n: v for n, v in (held or {}).get("params", {}).items() if n not in asked}
    for name in asked:
        value = data.get(f"params.{name}", "")
        held_value = (held or {}).get("params", {}).get(name)
        if value not in ("", None):
            params[name] = held_value if _shown(held_value) == value else value
    entry: dict[str, Any] = {
        "key": data["key"],
        "name": data["name"],
        "kind": kind.name,
        "target": data["target"],
    }
    names = (*NUMBERS, "item", "zone", "severity", "role", "group", "asset_type")
    entry |= {name: data[name] for name in names if data.get(name) not in ("", None)}
    for name in ("conditions", "warnings"):
        lines = [line.strip() for line in data.get(name, "").splitlines() if line.strip()]
        if lines:
            entry[name] = lines
    return {**entry, "params": params} if params else entry


def initial_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's values for an entry."""
    values = {
        name: value for name, value in entry.items() if name not in {"params", "conditions", "warnings"}
    }
    for name in ("conditions", "warnings"):
        values[name] = "\n".join(entry.get(name, []))
    return values | {f"params.{name}": _shown(value) for name, value in entry.get("params", {}).items()}


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return "\n".join(str(part) for part in value)
    return value if value is None or isinstance(value, str) else str(value)


class ApplyForm(forms.Form):
    """Where and how a template is applied (套用监控模板)."""

    system = forms.TypedChoiceField(label="监控系统", coerce=int)
    assets = forms.TypedMultipleChoiceField(
        label="资产", coerce=int, required=False, widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text="按资产建立的检查，对每个所选资产各建一条；按住 Ctrl 多选。",
    )  # fmt: skip

    def __init__(self, *args: Any, scope: Scope, content: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        systems = systems_for(scope, EDIT).values_list("pk", "name")
        self.fields["system"].choices = [("", "请选择"), *systems]  # type: ignore[attr-defined]  # a choice field
        types = {e["asset_type"] for e in content.get("entries", []) if e.get("asset_type")}
        if types:
            self.fields["assets"].choices = asset_choices(scope, types)  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["assets"]
        for ask in content.get("asks", []):
            self.fields[f"ask.{ask['name']}"] = forms.CharField(
                label=ask["label"],
                required=False,
                max_length=2000,
                widget=forms.PasswordInput() if ask.get("secret") else forms.TextInput(),
                help_text=f"例如 {ask['example']}" if ask.get("example") else "",
            )


def answers_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers in a form's cleaned data."""
    return {name[4:]: str(value) for name, value in data.items() if name.startswith("ask.") and value}


__all__ = [
    "ApplyForm",
    "AskForm",
    "BlueprintForm",
    "EntryForm",
    "answers_of",
    "ask_of",
    "check_kinds",
    "entry_of",
    "initial_of",
]
