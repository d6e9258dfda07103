"""Forms that every case has (通用表单): assigning, commenting, attaching, linking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from taxops.platform.casework.rules import QUEUES, LinkKind
from taxops.systems.operations.cases.rules import PARTS
from taxops.systems.operations.cases.rules.analysis import LONGEST


class AssignForm(forms.Form):
    """To whom and to which queue (分派、移交)."""

    queue = forms.ChoiceField(label="队列")
    to = forms.TypedChoiceField(label="办理人", coerce=int, required=False, empty_value=None)
    reason = forms.CharField(
        label="原因", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["queue"].choices = [(c, q.label) for c, q in QUEUES.items()]  # type: ignore[attr-defined]
        self.fields["to"].choices = [("", "（退回队列）"), *people]  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """A comment (留言)."""

    text = forms.CharField(
        label="留言",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="@用户名 可以提醒同事。",
    )


class AttachForm(forms.Form):
    """A file (附件)."""

    file = forms.FileField(label="文件", help_text="最大 100 MB。")
    label = forms.CharField(label="说明", max_length=100, required=False)


class LinkForm(forms.Form):
    """What a case has to do with another (关联)."""

    kind = forms.ChoiceField(label="关系", choices=[*LinkKind.pairs(), ("merge", "并入（合并后办结）")])
    number = forms.CharField(label="对方编号", max_length=24)
    reason = forms.CharField(label="原因", max_length=500, required=False, help_text="合并时必填。")


class AnalysisForm(forms.Form):
    """The four parts of an analysis (突发事件分析报告), in the words of the contract."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in PARTS:
            self.fields[code] = forms.CharField(
                label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5})
            )
