"""Forms of deliverables (交付物表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.platform.identity.queries import list_orgs


class MakeForm(forms.Form):
    """Which report to make (出具日报)."""

    org = forms.TypedChoiceField(label="机构", coerce=int)
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orgs = list_orgs(scope, permission="deliverables.make").filter(
            valid_to=None, level__in=["state", "province", "city"]
        )
        self.fields["org"].choices = list(orgs.order_by("path").values_list("pk", "name"))  # type: ignore[attr-defined]  # a choice field


class SignForm(forms.Form):
    """A signature (签字)."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="意见", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
