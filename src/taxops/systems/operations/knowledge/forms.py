"""Forms of knowledge."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import Scope
from taxops.platform.identity.queries import list_orgs

from .rules import REVIEW_DAYS
from .words import Category, Channel

_BODY = forms.Textarea(attrs={"rows": 14})
_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _orgs(scope: Scope, permission: str) -> list[tuple[int, str]]:
    return [(org.pk, org.name) for org in list_orgs(scope, permission=permission).order_by("path")[:500]]


class WordsForm(forms.Form):
    """The words of a version (知识正文)."""

    title = forms.CharField(label="标题", max_length=200, help_text="写成用户会问的一句话。")
    body = forms.CharField(
        label="正文", max_length=50_000, widget=_BODY, help_text="现象、原因、处理步骤；一步一行。"
    )
    keywords = forms.CharField(
        label="关键词", max_length=200, required=False, help_text="别的说法、错误代码，空格分开。"
    )


class RevisionForm(WordsForm):
    """The next version of a published article (修订)."""

    change = forms.CharField(label="修订说明", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class ArticleForm(WordsForm):
    """A new article (新建知识)."""

    category = forms.ChoiceField(label="分类", choices=Category.pairs())
    org_id = forms.TypedChoiceField(label="所属机构", coerce=int)
    field_order = ("title", "category", "org_id", "body", "keywords")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_id"].choices = _orgs(scope, "knowledge.write")  # type: ignore[attr-defined]  # a choice field


class ReviewForm(forms.Form):
    """A decision on a version (审核)."""

    agree = forms.ChoiceField(
        label="决定", choices=[("1", "同意发布"), ("0", "退回修改")], widget=forms.RadioSelect, initial="1"
    )
    review_days = forms.IntegerField(label="复审间隔", min_value=1, max_value=730, initial=REVIEW_DAYS)
    note = forms.CharField(
        label="意见",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回时必填。",
    )


class RetireForm(forms.Form):
    """Why an article is not used any more (停用)."""

    reason = forms.CharField(label="停用原因", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class LinkForm(forms.Form):
    """The case that an article answered (关联事项)."""

    case_number = forms.CharField(label="事项编号", max_length=40)
    text = forms.CharField(label="提问人的原话", max_length=400, required=False)


class FileForm(forms.Form):
    """A file for an article (附件)."""

    file = forms.FileField(label="文件", help_text="不超过 20 MB。")


class QuestionForm(forms.Form):
    """A question that was asked (登记提问)."""

    text = forms.CharField(label="问题", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    channel = forms.ChoiceField(label="渠道", choices=Channel.pairs())
    org_id = forms.TypedChoiceField(label="提问机构", coerce=int)
    article_code = forms.CharField(
        label="所用知识编号", max_length=20, required=False, help_text="如 KB00012，可空。"
    )
    asked_at = forms.DateTimeField(label="提问时间", widget=_TIME, required=False, help_text="空着就是现在。")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_id"].choices = _orgs(scope, "knowledge.view")  # type: ignore[attr-defined]  # a choice field


class EditionForm(forms.Form):
    """Which quarter's edition to compose (编制手册)."""

    quarter = forms.ChoiceField(label="季度")
    org_id = forms.TypedChoiceField(label="机构", coerce=int)

    def __init__(self, *args: Any, scope: Scope, quarters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = quarters  # type: ignore[attr-defined]  # a choice field
        self.fields["org_id"].choices = _orgs(scope, "knowledge.write")  # type: ignore[attr-defined]  # a choice field
