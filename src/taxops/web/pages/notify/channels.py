"""Channels (通知渠道): mail servers, webhooks, robots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.platform.identity import queries as identity
from taxops.platform.notify import queries, rules, services
from taxops.platform.notify.channels import KINDS, Kind, kind_of
from taxops.platform.notify.rules import Severity
from taxops.platform.notify.sealing import unseal
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    Page,
    State,
    Tab,
    Tone,
)

MANAGE = "notify.manage"
_KINDS = [(kind.code, kind.label) for kind in KINDS]


def _state(channel: Any) -> State:
    return State("启用", Tone.GOOD) if channel.is_enabled else State("停用", Tone.SUSPENDED)


def _where(channel: Any) -> str:
    return str(channel.org.name) if channel.org else "全部机构"


class Channels(ListPage):
    """The channels one looks after (通知渠道)."""

    name = "notify-channels"
    path = "notify/channels/"
    title = "通知渠道"
    permission = MANAGE
    scope_field = ""
    columns = [
        Column(name="name", label="名称", wide=True, card="title"),
        Column(name="is_enabled", label="状态", kind="state", value=_state, sort="is_enabled", card="state"),
        Column(name="kind", label="类型"),
        Column(name="min_severity", label="最低级别"),
        Column(name="org", label="适用机构", value=_where, sort="org__path"),
        Column(name="per_minute", label="每分钟最多", kind="number", unit="条", hidden=True),
        Column(name="code", label="代码", hidden=True),
    ]
    filters = [ChoiceFilter(name="kind", label="类型", choices=_KINDS, multiple=True)]
    search = ["name", "code"]
    sort = "name"
    detail = "notify-channel"
    empty = "还没有通知渠道。新建邮件、Webhook 或群机器人后，告警才能发到平台之外。"
    actions = [Action("新建渠道", page="notify-channel-kinds", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the channels within `notify.manage`."""
        return queries.list_channels(scope)


class ChannelKinds(Page):
    """Choose what kind of channel to add (新建渠道)."""

    name = "notify-channel-kinds"
    path = "notify/channels/new/"
    title = "新建渠道"
    permission = MANAGE
    parent = "notify-channels"
    template = "notify/kinds.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the kinds there are."""
        return {"kinds": KINDS}


class ChannelForm(forms.Form):
    """A channel: the fields all have, then those of its kind."""

    code = forms.CharField(label="代码", max_length=40, help_text="小写字母、数字和短横线，例如 duty-group。")
    name = forms.CharField(label="名称", max_length=80)
    min_severity = forms.ChoiceField(
        label="最低级别", choices=Severity.pairs(), initial="warning", help_text="达到这个级别的通知才发送。"
    )
    org = forms.ChoiceField(
        label="适用机构", required=False, help_text="只发送与这个机构及其下级有关的通知。"
    )
    per_minute = forms.IntegerField(label="每分钟最多消息数", min_value=1, max_value=600, required=False)

    def __init__(
        self, *args: Any, kind: Kind, orgs: list[tuple[str, str]], kept: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["org"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "全部机构"), *orgs]
        for field in kind.fields:
            known = kept.get(field.name, "")
            self.fields[f"v_{field.name}"] = _input(field, rules.masked(known) if field.secret else "")


def _input(field: Any, masked: str) -> forms.Field:
    """Return a form field for a parameter; a secret is never sent back to the page."""
    shared = {"label": field.label, "help_text": field.help, "initial": field.default}
    if field.choices:
        return forms.ChoiceField(choices=field.choices, **shared)
    if field.secret:
        if masked:
            shared["help_text"] = f"已设置（{masked}），留空表示不修改。"
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(
            widget=widget, max_length=2000, required=field.required and not masked, **shared
        )
    return forms.CharField(max_length=2000, required=field.required, **shared)


class _ChannelFormPage(FormPage):
    """What adding and changing share."""

    permission = MANAGE
    form = ChannelForm

    def kind(self, thing: Any) -> Kind:
        """Return the kind of channel."""
        return kind_of(thing.kind if thing is not None else self.kwargs["kind"])

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the kind, the organisations to choose from, and which secrets are set."""
        today = now.astimezone(CHINA).date()
        units = identity.list_orgs(scope, permission=MANAGE, on=today).order_by("path")
        return {
            "kind": self.kind(thing),
            "orgs": [(unit.code, f"{unit.name}（{unit.code}）") for unit in units],
            "kept": unseal(thing.secrets) if thing is not None else {},
        }

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Keep the channel."""
        org = identity.get_org(scope, data["org"], permission=MANAGE) if data["org"] else None
        try:
            channel = services.save_channel(
                scope,
                now=now,
                code=data["code"],
                name=data["name"],
                kind=self.kind(thing).code,
                values={key[2:]: value for key, value in data.items() if key.startswith("v_")},
                min_severity=data["min_severity"],
                org=org,
                per_minute=data["per_minute"],
                channel=thing,
            )
        except BadInput as error:
            if error.field and f"v_{error.field}" in data:
                raise BadInput(error.what, error.todo, field=f"v_{error.field}") from error
            raise
        return Done(
            f"渠道「{channel.name}」已保存。可以用“测试发送”确认它可用。",
            to=self.url("notify-channel", pk=channel.pk),
        )


class ChannelNew(_ChannelFormPage):
    """Add a channel (新建渠道)."""

    name = "notify-channel-new"
    path = "notify/channels/new/<slug:kind>/"
    title = "新建渠道"
    parent = "notify-channel-kinds"

    def heading_text(self) -> str:
        """Name the kind."""
        return f"新建{self.kind(None).label}渠道"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start with the kind's own rate."""
        return {"per_minute": self.kind(None).per_minute}


class ChannelEdit(_ChannelFormPage):
    """Change a channel (编辑渠道)."""

    name = "notify-channel-edit"
    path = "notify/channels/<int:pk>/edit/"
    title = "编辑渠道"
    parent = "notify-channel"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the channel, or None outside the scope."""
        return queries.find_channel(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the channel's values; secrets stay where they are."""
        return {
            "code": thing.code,
            "name": thing.name,
            "min_severity": thing.min_severity,
            "org": thing.org.code if thing.org else "",
            "per_minute": thing.per_minute,
            **{f"v_{key}": value for key, value in thing.config.items()},
        }


class Channel(DetailPage):
    """One channel (通知渠道)."""

    name = "notify-channel"
    path = "notify/channels/<int:pk>/"
    title = "通知渠道"
    permission = MANAGE
    parent = "notify-channels"
    audit_kind = "channel"
    history_labels = {"config": "参数", "secrets": "密钥", "org": "适用机构", "is_enabled": "启用"}
    facts = [
        Fact(name="kind", label="类型"),
        Fact(name="code", label="代码"),
        Fact(name="min_severity", label="最低级别"),
        Fact(name="org", label="适用机构", value=_where),
        Fact(name="per_minute", label="每分钟最多", kind="number", unit="条"),
    ]
    actions = [
        Action("测试发送", page="notify-channel-try", icon="bell", style="primary"),
        Action("编辑", page="notify-channel-edit", icon="pencil"),
        Action("停用", page="notify-channel-off", icon="player-pause", when=lambda c: c.is_enabled),
        Action("启用", page="notify-channel-on", icon="circle-check", when=lambda c: not c.is_enabled),
        Action("删除", page="notify-channel-remove", icon="trash", style="danger"),
    ]
    tabs = [
        Tab(
            code="values",
            label="参数",
            template="notify/values.html",
            context=lambda _scope, _now, channel: {"values": queries.shown_values(channel)},
        ),
        Tab(
            code="log",
            label="最近投递",
            template="notify/recent.html",
            context=lambda scope, _now, channel: {
                "deliveries": list(queries.deliveries(scope).filter(channel=channel)[:50])
            },
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the channel, or None outside the scope."""
        return queries.find_channel(scope, kwargs["pk"])

    def state(self, thing: Any) -> State | None:
        """Tell whether it is on."""
        return _state(thing)

    def audit_id(self, thing: Any) -> str:
        """Return its code, by which the trail knows it."""
        return str(thing.code)


class TryForm(forms.Form):
    """Where to send the test message."""

    to = forms.EmailField(
        label="收件地址",
        required=False,
        max_length=120,
        help_text="只有邮件渠道需要；群机器人和 Webhook 留空。",
    )


class ChannelTry(FormPage):
    """Send a test message (测试发送)."""

    name = "notify-channel-try"
    path = "notify/channels/<int:pk>/try/"
    title = "测试发送"
    permission = MANAGE
    parent = "notify-channel"
    form = TryForm
    submit = "发送测试消息"
    intro = "立即发送一条测试消息，最多等待 10 秒，结果记入投递记录。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the channel, or None outside the scope."""
        return queries.find_channel(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Send it and show what came of it."""
        delivery = services.try_out(scope, now=now, channel=thing, to=data["to"])
        if delivery.state != "sent":
            raise BadInput(f"测试消息没有送达：{delivery.answer}", "请检查渠道参数和网络后重试。")
        return Done(f"测试消息已送达（{delivery.answer}）。", to=self.url("notify-channel", pk=thing.pk))


class _Switch(ActionPage):
    """What switching on and off share."""

    permission = MANAGE
    parent = "notify-channel"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the channel, or None outside the scope."""
        return queries.find_channel(scope, kwargs["pk"])


class ChannelOff(_Switch):
    """Switch a channel off (停用渠道)."""

    name = "notify-channel-off"
    path = "notify/channels/<int:pk>/off/"
    title = "停用渠道"
    confirm = "将停用「{thing}」，等待发送的消息会被取消。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Switch it off."""
        services.enable(scope, now=now, channel=thing, is_enabled=False)
        return Done("渠道已停用。", undo=("notify-channel-on", {"pk": thing.pk}))


class ChannelOn(_Switch):
    """Switch a channel on (启用渠道)."""

    name = "notify-channel-on"
    path = "notify/channels/<int:pk>/on/"
    title = "启用渠道"
    confirm = "将启用「{thing}」，之后的通知会经它发送。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Switch it on."""
        services.enable(scope, now=now, channel=thing, is_enabled=True)
        return Done("渠道已启用。", undo=("notify-channel-off", {"pk": thing.pk}))


class ChannelRemove(_Switch):
    """Remove a channel that never carried anything (删除渠道)."""

    name = "notify-channel-remove"
    path = "notify/channels/<int:pk>/remove/"
    title = "删除渠道"
    danger = True
    confirm = "将删除「{thing}」。已有投递记录的渠道不能删除，只能停用。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Remove it."""
        services.remove(scope, now=now, channel=thing)
        return Done("渠道已删除。", to=self.url("notify-channels"))


PAGES = [
    Channels,
    ChannelKinds,
    ChannelNew,
    Channel,
    ChannelEdit,
    ChannelTry,
    ChannelOff,
    ChannelOn,
    ChannelRemove,
]
