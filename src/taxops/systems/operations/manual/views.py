"""Pages of checks that people carry out (人工检查), made for a phone in one hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from taxops.engines.base import CHINA, Scope
from taxops.systems.operations.monitoring.views import badges
from taxops.web.kit import Done, FormPage, Page, State, Tone
from taxops.web.manifest import MenuItem

from . import queries, rules, services

STAND_TONES = {
    rules.Stand.OVERDUE: Tone.BAD,
    rules.Stand.NEAR: Tone.WARNING,
    rules.Stand.WAITING: Tone.ACTIVE,
    rules.Stand.DONE: Tone.GOOD,
}
ANSWER_TONES = {rules.Answer.OK: Tone.GOOD, rules.Answer.BAD: Tone.BAD, rules.Answer.NA: Tone.PLAIN}


def stand_of(duty: queries.Duty) -> State:
    """Return the badge of a duty."""
    return State(duty.due.stand.label, STAND_TONES[duty.due.stand])


def answer_state(code: str) -> State:
    """Return the badge of an answer."""
    return State(rules.Answer.label_of(code), ANSWER_TONES[rules.Answer(code)])


class DutyList(Page):
    """What people have to look at (人工检查待办), most urgent first."""

    name = "manual-duties"
    path = "operations/duties/"
    title = "人工检查"
    permission = "monitoring.view"
    template = "operations/manual/duties.html"
    live_topic = badges.LIVE

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the duties by urgency."""
        found = queries.duties(scope, now)
        wanted = self.request.GET.get("stand", "")
        counts = [(s, sum(d.due.stand is s for d in found), STAND_TONES[s]) for s in rules.Stand]
        rows = [d for d in found if not wanted or d.due.stand == wanted]
        return {
            "rows": [(d, stand_of(d), answer_state(d.last) if d.last else None) for d in rows[:300]],
            "more": max(0, len(rows) - 300),
            "counts": counts,
            "wanted": wanted,
            "may_run": scope.has("monitoring.run"),
        }


class AnswerForm(forms.Form):
    """What was found (填写结论)."""

    answer = forms.ChoiceField(label="结论", choices=rules.Answer.pairs(), widget=forms.RadioSelect)
    value = forms.FloatField(label="读数", required=False)
    note = forms.CharField(
        label="说明", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="异常时写明所见。",
    )  # fmt: skip
    photo = forms.FileField(
        label="照片或附件",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )
    fact_at = forms.DateTimeField(
        label="查看时间",
        help_text="实际查看的时间；补记时请改。",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def __init__(self, *args: Any, params: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if params.get("unit"):
            self.fields["value"].label = f"读数（{params['unit']}）"
        else:
            del self.fields["value"]
        if params.get("needs_photo"):
            self.fields["photo"].help_text = "结论为正常时必须附照片。"


class AnswerPage(FormPage):
    """Write down what was found (填写人工检查)."""

    name = "manual-answer"
    path = "operations/duties/<int:pk>/"
    title = "填写人工检查"
    permission = "monitoring.run"
    parent = "manual-duties"
    form = AnswerForm
    template = "operations/manual/answer.html"
    submit = "提交"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the duty."""
        return queries.get_duty(scope, now, kwargs["pk"])

    def heading_text(self) -> str:
        """Return what is to be looked at."""
        return str(self.thing.check.name)

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form what the check asks for."""
        return {"params": thing.check.params}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin with the present time."""
        return {"fact_at": now.astimezone(CHINA).replace(tzinfo=None, second=0, microsecond=0)}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add how it is done and what was found before."""
        duty = self.thing
        found = {
            "duty": duty,
            "check": duty.check,
            "stand": stand_of(duty),
            "steps": [line for line in str(duty.check.params.get("steps", "")).splitlines() if line.strip()],
            "answers": [(one, answer_state(one.answer)) for one in queries.answers(duty.check.pk)],
        }
        return super().show(template, {**context, **found}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        photo = data.get("photo")
        services.answer(
            scope,
            thing.check.pk,
            now=now,
            answer=data["answer"],
            fact_at=data["fact_at"],
            value=data.get("value"),
            note=data.get("note", ""),
            photo=(photo.name, photo.file) if photo else None,
        )
        return Done(f"「{thing.check.name}」已填写。", to=self.url("manual-duties"))


PAGES: Sequence[type[Any]] = [DutyList, AnswerPage]
MENU = [MenuItem("人工检查", "manual-duties", "monitoring.view", "user-check")]
