"""Forms about systems: description, tree, template."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.platform.assets.queries import list_assets
from taxops.platform.identity.queries import list_orgs
from taxops.systems.operations.monitoring.items import Item
from taxops.systems.operations.monitoring.queries import systems_for
from taxops.systems.operations.monitoring.words import Severity

EDIT = "monitoring.edit"


class SystemForm(forms.Form):
    """A system's description (监控系统)."""

    code = forms.CharField(label="系统代码", max_length=40, help_text="字母、数字、- 和 _，建立后不变。")
    name = forms.CharField(label="系统名称", max_length=80)
    org = forms.TypedChoiceField(label="所属机构", coerce=int)
    severity = forms.ChoiceField(label="重要程度", choices=Severity.pairs(), initial=Severity.MAJOR.value)
    asset = forms.TypedChoiceField(label="对应资产", coerce=int, empty_value=None, required=False)
    service_note = forms.CharField(
        label="服务时间", max_length=200, required=False, help_text="例如 7×24 小时。"
    )
    description = forms.CharField(
        label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, scope: Scope, fresh: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Choices, not query sets: a number of any length must be answered by us, not by the database.
        if fresh:
            orgs = list_orgs(scope, permission=EDIT).filter(
                valid_to=None, level__in=["hq", "province", "city"]
            )
            rows = orgs.order_by("path").values_list("pk", "name")
            self.fields["org"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["code"], self.fields["org"]
        assets = list_assets(scope, EDIT).filter(type__code="system").order_by("code")
        self.fields["asset"].choices = [  # type: ignore[attr-defined]  # a choice field
            ("", "（无）"),
            *assets.values_list("pk", "name"),
        ]


class TreeForm(forms.Form):
    """A health tree as text (健康树)."""

    tree = forms.CharField(
        label="健康树",
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 18, "class": "tx-code", "spellcheck": "false"}),
        help_text="留空：任一紧急或重要的检查项中断，系统即为中断。",
    )


class TemplateForm(forms.Form):
    """The questions of an item's template (套用模板)."""

    system = forms.TypedChoiceField(label="监控系统", coerce=int)

    def __init__(self, *args: Any, scope: Scope, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = systems_for(scope, EDIT).values_list("pk", "name")
        self.fields["system"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field
        for ask in item.asks:
            widget: forms.Widget = forms.PasswordInput() if ask.secret else forms.TextInput()
            if "sql" in ask.name:
                widget = forms.Textarea(attrs={"rows": 2, "class": "tx-code"})
            self.fields[ask.name] = forms.CharField(
                label=ask.label,
                required=not ask.optional,
                max_length=2000,
                widget=widget,
                help_text=f"例如 {ask.example}" if ask.example else "",
            )
