"""Forms of signals (预警表单)."""

from __future__ import annotations

from typing import Any

from django import forms

from .words import LEVELS, RuleKind, Side


class LimitField(forms.CharField):
    """A number, or a ratio with its per cent sign."""

    def clean(self, value: Any) -> float:
        """Return the number.

        Raises:
            ValidationError: it is none.
        """
        text = str(super().clean(value)).strip()
        try:
            found = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            found = float("nan")
        if not abs(found) < 1e15:
            raise forms.ValidationError(f"「{text[:20]}」不是数，请写 0.97、97% 或 5。")
        return found


class RuleForm(forms.Form):
    """A rule on an indicator."""

    name = forms.CharField(label="规则名称", max_length=80)
    code = forms.ChoiceField(label="指标")
    kind = forms.ChoiceField(label="种类", choices=RuleKind.pairs())
    side = forms.ChoiceField(label="变差方向", choices=Side.pairs())
    limit = LimitField(
        label="界限",
        max_length=20,
        help_text="越线：界限值，如 97%；环比变差：超过多少，如 2%；名次下降：几名，如 5。",
    )
    level = forms.ChoiceField(label="比较的单位", choices=LEVELS)
    days = forms.IntegerField(label="答复期限", min_value=1, max_value=180, initial=10, help_text="天")

    def __init__(self, *args: Any, codes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = codes  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """What a unit says to a signal."""

    answer = forms.CharField(
        label="原因和措施", max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="为什么越界，采取什么措施，何时见效。",
    )  # fmt: skip
