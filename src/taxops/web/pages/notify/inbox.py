"""My notices (我的通知) and how I want to be told (接收设置)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from taxops.engines.base import Scope
from taxops.platform.notify import queries, services
from taxops.platform.notify.rules import Severity
from taxops.web.kit import (
    Action,
    ActionPage,
    BulkAction,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    State,
    Tone,
)

TONES = {"info": Tone.PLAIN, "warning": Tone.WARNING, "critical": Tone.BAD}


def _read(rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
    return rows.filter(read_at__isnull="unread" in value)


def _read_state(notice: Any) -> State:
    return State("未读", Tone.ACTIVE) if notice.read_at is None else State("已读")


def _mark(scope: Scope, now: datetime, rows: QuerySet[Any]) -> str:
    count = services.mark_some_read(scope, now=now, notice_ids=list(rows.values_list("pk", flat=True)))
    return f"{count} 条通知已标为已读。"


class Notices(ListPage):
    """What I was told (我的通知)."""

    name = "notices"
    path = "notices/"
    title = "我的通知"
    scope_field = ""
    columns = [
        Column(name="severity", label="级别", kind="state", choices=Severity, tones=TONES, card="state"),
        Column(name="title", label="标题", wide=True, card="title"),
        Column(name="told_at", label="通知时间", kind="datetime"),
        Column(name="read_at", label="阅读", kind="state", value=_read_state, sort="read_at"),
    ]
    filters = [
        ChoiceFilter(name="read", label="阅读", choices=[("unread", "未读"), ("read", "已读")], apply=_read),
        ChoiceFilter(name="severity", label="级别", choices=Severity, multiple=True),
        DateRangeFilter(name="told", label="通知日期", field="told_at"),
    ]
    search = ["title", "body"]
    sort = "-told_at"
    detail = "notice"
    empty = "还没有通知。告警、审批和作业结果会出现在这里。"
    actions = [
        Action("全部已读", page="notices-read", icon="circle-check"),
        Action("接收设置", page="notice-settings", icon="settings"),
    ]
    bulk = [BulkAction(code="read", label="标为已读", run=_mark, confirm="将把选中的 {n} 条通知标为已读。")]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return one's own notices."""
        return queries.inbox(scope)

    @property
    def live_topic(self) -> str:  # type: ignore[override]  # everyone has his own
        """The reader's own topic: a new notice appears by itself."""
        return f"{services.TOPIC}{self.scope.actor_id}"


class Notice(DetailPage):
    """One notice (通知); opening it is reading it."""

    name = "notice"
    path = "notices/<int:pk>/"
    title = "通知"
    parent = "notices"
    template = "notify/notice.html"
    facts = [
        Fact(name="severity", label="级别", kind="state", choices=Severity, tones=TONES),
        Fact(name="told_at", label="通知时间", kind="datetime"),
        Fact(name="read_at", label="阅读时间", kind="datetime"),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the notice, read from now on; None when it is somebody else's."""
        if queries.find_notice(scope, kwargs["pk"]) is None:
            return None
        return services.mark_read(scope, now=now, notice_id=kwargs["pk"])


class NoticesRead(ActionPage):
    """Mark all as read (全部已读)."""

    name = "notices-read"
    path = "notices/read/"
    title = "全部已读"
    parent = "notices"
    confirm = "将把您的全部未读通知标为已读。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Mark them."""
        return Done(f"{services.mark_all_read(scope, now=now)} 条通知已标为已读。", to=self.url("notices"))


class SettingsForm(forms.Form):
    """Which channels for which severity, and when to be left alone."""

    info = forms.MultipleChoiceField(label="提示", required=False, widget=forms.CheckboxSelectMultiple)
    warning = forms.MultipleChoiceField(label="警告", required=False, widget=forms.CheckboxSelectMultiple)
    critical = forms.MultipleChoiceField(
        label="严重",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="严重通知至少经一个渠道送达；一个都不选时，经全部个人渠道发送。",
    )
    quiet_from = forms.TimeField(
        label="免打扰开始", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label="免打扰结束",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="这段时间内的提示和警告推迟到结束时再发；严重通知不受影响。站内通知随时可见。",
    )

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("info", "warning", "critical"):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = channels
            if not channels:
                field.help_text = "管理员还没有配置邮件等个人渠道，目前只有站内通知。"


class NoticeSettings(FormPage):
    """How I want to be told (通知接收设置)."""

    name = "notice-settings"
    path = "notices/settings/"
    title = "通知接收设置"
    parent = "notices"
    form = SettingsForm
    intro = "所有通知都会进入站内收件箱；这里选择哪些级别另外发送到您的邮箱等个人渠道。"
    fieldsets = [
        ("各级别的发送渠道", ["info", "warning", "critical"]),
        ("免打扰", ["quiet_from", "quiet_to"]),
    ]

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return what is set."""
        held = queries.preference(scope)
        codes = [channel.code for channel in queries.personal_channels()]
        chosen = {s.value: held.channels.get(s.value, []) for s in Severity}
        if "critical" not in held.channels:
            chosen["critical"] = codes
        return {**chosen, "quiet_from": held.quiet_from, "quiet_to": held.quiet_to}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the channels there are."""
        return {"channels": [(channel.code, channel.name) for channel in queries.personal_channels()]}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Keep it."""
        services.prefer(
            scope,
            channels={severity.value: data[severity.value] for severity in Severity},
            quiet_from=data["quiet_from"],
            quiet_to=data["quiet_to"],
        )
        return Done("接收设置已保存。", to=self.url("notice-settings"))


PAGES = [Notices, NoticesRead, NoticeSettings, Notice]
