"""The page of a decision (审批页): agree or not, with a word, about something somebody else asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from taxops.engines.base import Scope

from .form import FormPage
from .page import Done


class DecisionForm(forms.Form):
    """Agree or not (审批意见); the service asks for a word with a refusal."""

    agree = forms.ChoiceField(
        label="决定", choices=[("1", "同意"), ("0", "不同意")], widget=forms.RadioSelect, initial="1"
    )
    note = forms.CharField(
        label="意见",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不同意时必填。",
    )


class DecidePage(FormPage):
    """Agree or refuse (审批). Declare `load` and `decide(scope, now, thing, agree, note)`; leads to `parent`."""

    form: ClassVar[type[forms.Form]] = DecisionForm
    submit: ClassVar[str] = "提交"

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the decision."""
        raise NotImplementedError

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with consent."""
        return {"agree": "1"}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the decision and lead back to the thing."""
        agree = data["agree"] == "1"
        self.decide(scope, now, thing, agree=agree, note=data["note"])
        return Done("已同意。" if agree else "已答复不同意。", to=self.url(str(self.parent), pk=thing.pk))
