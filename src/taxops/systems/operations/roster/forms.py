"""Forms of the roster."""

from __future__ import annotations

from typing import Any

from django import forms

from taxops.engines.base import BadInput, Scope
from taxops.platform.identity.queries import list_orgs

from . import queries, rules
from .words import Change, Days, Hours, PeriodKind

_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_NOTE = forms.Textarea(attrs={"rows": 3})


def _orgs(scope: Scope) -> list[tuple[int, str]]:
    return [(o.pk, o.name) for o in list_orgs(scope, permission=queries.EDIT).order_by("path")[:500]]


def _posts(scope: Scope) -> list[tuple[int, str]]:
    return [(p.pk, f"{p.name}（{p.code}）") for p in queries.list_posts(scope)]


class _Scoped(forms.Form):
    """A form whose choices depend on who asks."""

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = {"org_id": _orgs, "post_id": _posts}
        for name in ("org_id", "post_id", "person_id", "other_id"):
            if name not in self.fields:
                continue
            rows: list[tuple[Any, str]] = list(sources.get(name, queries.people_choices)(scope))
            if not self.fields[name].required:
                rows.insert(0, ("", "（无）"))
            self.fields[name].choices = rows  # type: ignore[attr-defined]  # a choice field


def _choice(label: str, **more: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, **more)


class PostForm(_Scoped):
    """A post (岗位)."""

    code = forms.CharField(label="岗位代码", max_length=30, help_text="如 line1、line2、platform、lead。")
    name = forms.CharField(label="岗位", max_length=60)
    org_id = _choice("所属机构")
    hours = forms.ChoiceField(label="值守时间", choices=Hours.pairs())
    people = forms.IntegerField(label="同时在岗人数", min_value=1, max_value=50, initial=1)
    headcount = forms.IntegerField(label="合同人数", min_value=0, max_value=500, initial=0)
    place = forms.CharField(label="驻场地点", max_length=120, required=False)
    latitude = forms.FloatField(label="纬度", min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(label="经度", min_value=-180, max_value=180, required=False)
    radius_m = forms.IntegerField(label="打卡半径", min_value=10, max_value=50_000, initial=500)
    source = forms.CharField(label="合同条款", max_length=60, required=False)
    sort = forms.IntegerField(label="排序", min_value=0, max_value=999, initial=0)


class PatternForm(forms.Form):
    """A rotation (轮班规则)."""

    name = forms.CharField(label="名称", max_length=60, initial="轮班")
    groups = forms.CharField(
        label="轮次",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一行一轮，按次序轮流；同一轮几个人用顿号分开。写姓名或用户名。",
    )
    windows = forms.CharField(
        label="班次时段",
        max_length=200,
        initial="07:30-12:00 14:30-22:00",
        help_text="跨夜写作 22:00-07:30；全天写作 00:00-24:00。",
    )
    turn_days = forms.IntegerField(
        label="每轮天数", min_value=1, max_value=92, initial=1, help_text="按周轮换填 7。"
    )
    days = forms.ChoiceField(label="适用日期", choices=Days.pairs())
    first_on = forms.DateField(label="开始日期", widget=_DAY)
    last_on = forms.DateField(label="结束日期", widget=_DAY, required=False)

    def clean_groups(self) -> list[list[int]]:
        """Return the groups as ids of people.

        Raises:
            ValidationError: a name is unknown or stands for several.
        """
        lines = [
            [w for w in line.replace("，", "、").replace(",", "、").replace(" ", "、").split("、") if w]
            for line in str(self.cleaned_data["groups"]).splitlines()
        ]
        wanted = {word for line in lines for word in line}
        found = queries.people_by_word(wanted)
        for word in sorted(wanted):
            if len(set(found.get(word, []))) != 1:
                what = "有重名，请写用户名" if found.get(word) else "查无此人"
                raise forms.ValidationError(f"「{word[:40]}」{what}。")
        return [[found[word][0] for word in line] for line in lines if line]

    def clean_windows(self) -> str:
        """Return the windows as written, if they can be read.

        Raises:
            ValidationError: they cannot.
        """
        text = str(self.cleaned_data["windows"])
        try:
            rules.parse_windows(text)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error
        return text


class EndForm(forms.Form):
    """The last day of a pattern (结束轮班规则)."""

    last_on = forms.DateField(label="最后一天", widget=_DAY)


class OverrideForm(_Scoped):
    """A dated change (值班调整)."""

    post_id = _choice("岗位")
    change = forms.ChoiceField(label="调整方式", choices=Change.pairs())
    person_id = _choice("人员")
    other_id = _choice("替班人", required=False, help_text="替班时选择。")
    starts_at = forms.DateTimeField(label="开始时间", widget=_TIME)
    ends_at = forms.DateTimeField(label="结束时间", widget=_TIME)
    reason = forms.CharField(label="事由", max_length=400, required=False, widget=_NOTE)


class PeriodForm(_Scoped):
    """A special period (重要时期)."""

    name = forms.CharField(label="名称", max_length=60)
    kind = forms.ChoiceField(label="类别", choices=PeriodKind.pairs())
    org_id = _choice(
        "机构", help_text="该机构及下级的岗位按此值守，驻场、办公时间的时限也按此计算；从录入当天起，不追溯。"
    )
    first_on = forms.DateField(label="第一天", widget=_DAY)
    last_on = forms.DateField(label="最后一天", widget=_DAY)
    hours = forms.ChoiceField(label="值守时间", choices=Hours.pairs(), initial=Hours.ALWAYS.value)
    people = forms.IntegerField(
        label="同时在岗人数", min_value=1, max_value=50, required=False, help_text="空着不变。"
    )
    note = forms.CharField(label="安排", max_length=400, required=False, widget=_NOTE)


class SwapForm(_Scoped):
    """A request to swap (申请换班)."""

    post_id = _choice("岗位")
    other_id = _choice("替班人")
    starts_at = forms.DateTimeField(label="我的班开始", widget=_TIME)
    ends_at = forms.DateTimeField(label="我的班结束", widget=_TIME)
    back_starts_at = forms.DateTimeField(
        label="还班开始", widget=_TIME, required=False, help_text="不还班的空着。"
    )
    back_ends_at = forms.DateTimeField(label="还班结束", widget=_TIME, required=False)
    reason = forms.CharField(label="事由", max_length=400, widget=_NOTE)


class HandoverForm(forms.Form):
    """A note from one shift to the next (交接班记录)."""

    at = forms.DateTimeField(label="交接时间", widget=_TIME)
    open_items = forms.CharField(
        label="未结事项",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="没有的写“无”。",
    )
    risks = forms.CharField(label="风险与注意", max_length=5000, required=False, widget=_NOTE)


class RemarkForm(forms.Form):
    """A word with the acceptance of a hand-over (接班意见)."""

    remark = forms.CharField(label="接班意见", max_length=400, required=False, widget=_NOTE)
