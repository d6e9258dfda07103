"""What notices, channels and deliveries there are for whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within

from .channels import kind_of
from .models import Channel, Delivery, Notice, Preference
from .rules import masked
from .sealing import unseal

PERMISSION = "notify.manage"


def _own(scope: Scope) -> int:
    """Return the person's id; nobody has the id 0."""
    return scope.actor_id or 0


def inbox(scope: Scope) -> QuerySet[Notice]:
    """Return one's own notices (我的通知), newest first."""
    return Notice.objects.filter(person_id=_own(scope))


def find_notice(scope: Scope, notice_id: int) -> Notice | None:
    """Return one of one's own notices, or None."""
    return inbox(scope).filter(pk=notice_id).first()


def unread_count(scope: Scope) -> int:
    """Return how many of one's notices are unread (未读数); one query on an index of unread rows."""
    return Notice.objects.filter(person_id=_own(scope), read_at__isnull=True).count()


def latest_unread(scope: Scope, limit: int = 5) -> list[Notice]:
    """Return the newest unread notices, for the bell."""
    return list(inbox(scope).filter(read_at__isnull=True)[:limit])


def preference(scope: Scope) -> Preference:
    """Return how one wants to be told; an unsaved one with the defaults when nothing was set."""
    found = Preference.objects.filter(person_id=_own(scope)).first()
    return found or Preference(person_id=_own(scope))


def personal_channels() -> list[Channel]:
    """Return the enabled channels that reach a person's own address."""
    return [
        channel for channel in Channel.objects.filter(is_enabled=True) if kind_of(channel.kind).is_personal
    ]


def list_channels(scope: Scope) -> QuerySet[Channel]:
    """Return the channels this person manages; those of the whole platform belong to all who manage any."""
    if not scope.has(PERMISSION):
        return Channel.objects.none()
    seen = Q(org=None) | within(scope, PERMISSION)
    return Channel.objects.filter(seen).select_related("org")


def get_channel(scope: Scope, code: str) -> Channel:
    """Return one channel.

    Raises:
        NotFound: there is none that this person manages.
    """
    found = list_channels(scope).filter(code=code).first()
    if found is None:
        raise NotFound("没有这个通知渠道，或它不在您的管理范围内。", "请返回渠道列表核对。")
    return found


def find_channel(scope: Scope, channel_id: int) -> Channel | None:
    """Return a channel that this person manages, or None."""
    return list_channels(scope).filter(pk=channel_id).first()


def find_delivery(scope: Scope, delivery_id: int) -> Delivery | None:
    """Return a delivery that this person manages, or None."""
    return deliveries(scope).filter(pk=delivery_id).first()


def shown_values(channel: Channel) -> list[tuple[str, str]]:
    """Return a channel's parameters as `(label, value)` for a page; secrets masked."""
    secrets = unseal(channel.secrets)
    found = []
    for field in kind_of(channel.kind).fields:
        value = (
            masked(secrets.get(field.name, "")) if field.secret else str(channel.config.get(field.name, ""))
        )
        found.append((field.label, dict(field.choices).get(value, value) or "（未填）"))
    return found


def deliveries(scope: Scope) -> QuerySet[Delivery]:
    """Return the delivery log (投递记录) of the channels this person manages, newest first."""
    if not scope.has(PERMISSION):
        return Delivery.objects.none()
    seen = Q(channel__org=None) | within(scope, PERMISSION, "channel__org__path")
    return Delivery.objects.filter(seen).select_related("channel", "folded_into")


def get_delivery(scope: Scope, delivery_id: int) -> Delivery:
    """Return one delivery.

    Raises:
        NotFound: there is none that this person manages.
    """
    found = deliveries(scope).filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("没有这条投递记录，或它不在您的管理范围内。", "请返回投递记录核对。")
    return found


def keys_told(person_id: int, since: datetime) -> QuerySet[Notice, str]:
    """Return the keys of what a person was told since then (通知过的事), for a room to look up what is his."""
    return Notice.objects.filter(person_id=person_id, told_at__gte=since).values_list("key", flat=True)


def ways_of(keys: Sequence[str], people: Collection[int]) -> list[Delivery]:
    """Return by which channels notices of these keys went out, to these people and to shared places; two queries.

    For a room that shows what became of what it told; whoever may see its thing may see this.
    """
    codes = list(Channel.objects.values_list("code", flat=True))
    wanted = [f"{code}|{who}|{key}" for code in codes for key in keys for who in ("", *people)]
    return list(Delivery.objects.filter(key__in=wanted).select_related("channel", "notice__person"))
