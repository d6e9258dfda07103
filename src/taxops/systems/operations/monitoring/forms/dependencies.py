"""The form of a dependency (依赖关系)."""

from __future__ import annotations

from django import forms


class DependencyForm(forms.Form):
    """What depends on what (登记依赖)."""

    child = forms.CharField(
        label="对象编号", max_length=60, help_text="检查项编号；或系统代码，则其全部检查项都依赖。"
    )
    parent = forms.CharField(
        label="依赖于", max_length=60, help_text="检查项编号或系统代码，例如专线的检查项。"
    )
    note = forms.CharField(label="说明", max_length=200, required=False)
