"""The delivery log (投递记录): what went out, where to, and what the other side said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import Scope
from taxops.platform.notify import queries, services
from taxops.platform.notify.rules import DeliveryState, Severity
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    ListPage,
    State,
    Tab,
    Tone,
    state_of,
)

from .inbox import TONES

MANAGE = "notify.manage"
_STATES = {"folded": Tone.GOOD, "cancelled": Tone.SUSPENDED, "sending": Tone.ACTIVE}


def _channels(scope: Scope, _now: datetime) -> list[tuple[str, str]]:
    return [(channel.code, channel.name) for channel in queries.list_channels(scope)]


class Deliveries(ListPage):
    """What went out (投递记录)."""

    name = "notify-deliveries"
    path = "notify/deliveries/"
    title = "投递记录"
    permission = MANAGE
    scope_field = ""
    columns = [
        Column(name="state", label="状态", kind="state", choices=DeliveryState, tones=_STATES, card="state"),
        Column(name="title", label="标题", wide=True, card="title"),
        Column(name="severity", label="级别", kind="state", choices=Severity, tones=TONES),
        Column(name="channel", label="渠道", sort="channel__name"),
        Column(name="to", label="接收方"),
        Column(name="attempts", label="尝试", kind="number", unit="次"),
        Column(name="answer", label="对方应答", wide=True, sort=""),
        Column(name="created_at", label="产生时间", kind="datetime"),
        Column(name="due_at", label="应发时间", kind="datetime", hidden=True),
        Column(name="done_at", label="完成时间", kind="datetime", hidden=True),
        Column(name="duration_ms", label="耗时", kind="number", unit="毫秒", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=DeliveryState, multiple=True),
        ChoiceFilter(name="channel", label="渠道", field="channel__code", choices=_channels, multiple=True),
        ChoiceFilter(name="severity", label="级别", choices=Severity, multiple=True),
        DateRangeFilter(name="created", label="产生日期", field="created_at"),
    ]
    search = ["title", "to", "answer"]
    sort = "-created_at"
    detail = "notify-delivery"
    empty = "还没有投递记录。通知经邮件、Webhook 或群机器人发出后会出现在这里。"

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the deliveries of the channels one manages."""
        return queries.deliveries(scope)


class Delivery(DetailPage):
    """One delivery (投递记录)."""

    name = "notify-delivery"
    path = "notify/deliveries/<int:pk>/"
    title = "投递记录"
    permission = MANAGE
    parent = "notify-deliveries"
    facts = [
        Fact(name="channel", label="渠道"),
        Fact(name="to", label="接收方"),
        Fact(name="severity", label="级别", kind="state", choices=Severity, tones=TONES),
        Fact(name="attempts", label="尝试次数", kind="number", unit="次"),
        Fact(name="created_at", label="产生时间", kind="datetime"),
        Fact(name="due_at", label="应发时间", kind="datetime"),
        Fact(name="last_at", label="最近尝试", kind="datetime"),
        Fact(name="done_at", label="完成时间", kind="datetime"),
        Fact(name="duration_ms", label="耗时", kind="number", unit="毫秒"),
        Fact(name="answer", label="对方应答", wide=True),
    ]
    actions = [
        Action(
            "重新发送",
            page="notify-delivery-resend",
            icon="refresh",
            when=lambda delivery: delivery.state in {"failed", "cancelled"},
        ),
        Action(
            "取消发送",
            page="notify-delivery-cancel",
            icon="trash",
            style="danger",
            when=lambda delivery: delivery.state == "waiting",
        ),
    ]
    tabs = [
        Tab(code="message", label="消息", template="notify/message.html"),
        Tab(
            code="folded",
            label="合并的通知",
            template="notify/recent.html",
            context=lambda scope, _now, delivery: {
                "deliveries": list(queries.deliveries(scope).filter(folded_into=delivery)[:200])
            },
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the delivery, or None outside the scope."""
        return queries.find_delivery(scope, kwargs["pk"])

    def state(self, thing: Any) -> State | None:
        """Tell where it stands."""
        return state_of(thing.state, label=DeliveryState.label_of(thing.state), tones=_STATES)


class _Chosen(ActionPage):
    """What acting on one delivery shares."""

    permission = MANAGE
    parent = "notify-delivery"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the delivery, or None outside the scope."""
        return queries.find_delivery(scope, kwargs["pk"])


class DeliveryResend(_Chosen):
    """Try a delivery again (重新发送)."""

    name = "notify-delivery-resend"
    path = "notify/deliveries/<int:pk>/resend/"
    title = "重新发送"
    confirm = "将重新发送这条消息，从第一次尝试算起。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Put it back into the queue."""
        services.resend(scope, now=now, delivery_id=thing.pk)
        return Done("已重新排队，一分钟内发送。")


class DeliveryCancel(_Chosen):
    """Give a delivery up (取消发送)."""

    name = "notify-delivery-cancel"
    path = "notify/deliveries/<int:pk>/cancel/"
    title = "取消发送"
    danger = True
    confirm = "将取消发送这条消息。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Give it up."""
        services.cancel(scope, now=now, delivery_id=thing.pk)
        return Done("已取消发送。", undo=("notify-delivery-resend", {"pk": thing.pk}))


PAGES = [Deliveries, Delivery, DeliveryResend, DeliveryCancel]
