"""Forms of alerting (告警表单)."""

from __future__ import annotations

from django import forms


class AcknowledgeForm(forms.Form):
    """A word with the confirmation of an alert (确认告警)."""

    note = forms.CharField(
        label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
