"""Forms of intake (接入表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.systems.operations.words import Severity

from . import queries


class SourceForm(forms.Form):
    """A source and its mapping (接入来源)."""

    name = forms.CharField(label="名称", max_length=80)
    severity = forms.ChoiceField(
        label="默认重要程度", choices=Severity.pairs(), help_text="对方没有给出级别、规则也没有指定时使用。"
    )
    mapping = forms.CharField(
        label="映射规则",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "class": "tx-code"}),
        help_text="一行一条：条件, 条件 => 系统代码 重要程度。例如 job=einv, env=prod => fpcy critical；"
        "message=~.*ORA-0060.* => dzdz major。从上到下匹配，# 开头为注释。"
        "系统日志只有匹配到规则的行才会成为告警。",
    )
    is_enabled = forms.BooleanField(label="启用", required=False)

    def clean_mapping(self) -> list[str]:
        """Return the lines."""
        return [line.strip() for line in self.cleaned_data["mapping"].splitlines() if line.strip()]


class AssignForm(forms.Form):
    """To which system an event belongs (指派给系统)."""

    system = forms.TypedChoiceField(label="系统", coerce=int)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].choices = queries.system_choices(scope)  # type: ignore[attr-defined]  # a choice field
