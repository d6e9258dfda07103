"""Telling people something (发出通知), and what they do with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, transaction

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.jobs.services import enqueue, is_asked_for
from taxops.platform.live.services import publish_many
from taxops.platform.notify import rules
from taxops.platform.notify.channels import kind_of
from taxops.platform.notify.models import Channel, Delivery, Notice, Preference
from taxops.platform.rows import Table, among, ask, json_of

TOPIC = "notify.person."
_SEND_EVERY_S = 5
_notices = Table(Notice, "person_id", "key", "severity", "title", "body", "link", "told_at")
_deliveries = Table(
    Delivery,
    "key", "channel_id", "notice_id", "to", "severity", "title", "body", "link", "created_at", "due_at",
)  # fmt: skip
_CHANNELS = """
    SELECT c.id, c.code, c.name, c.kind, c.min_severity, o.path
    FROM notify_channel c LEFT JOIN identity_orgunit o ON o.id = c.org_id WHERE c.is_enabled ORDER BY c.code
"""


class _Way(NamedTuple):
    """An enabled channel (可用渠道), with the path of the organisation it serves, if it serves one."""

    pk: int
    code: str
    name: str
    kind: str
    min_severity: str
    org_path: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told to whom (通知稿); see `tell` for its parts."""

    people: Collection[int]
    title: str
    key: str
    body: str = ""
    link: str = ""
    severity: str = rules.Severity.INFO.value
    org_path: str = ""
    broadcast: bool = True
    channels: Collection[str] = ()


def tell(
    scope: Scope,
    *,
    now: datetime,
    people: Iterable[int],
    title: str,
    body: str = "",
    link: str = "",
    severity: str = rules.Severity.INFO.value,
    key: str,
    org_path: str = "",
    broadcast: bool = True,
    channels: Collection[str] = (),
) -> list[Notice]:
    """Tell people something (通知), inside the caller's transaction; once per `key` however often it is called.

    Everyone gets a notice in the inbox; mail goes to those who want it for this severity, after their
    quiet hours unless it is critical; robots and webhooks of the organisation hear it when it reaches
    their level. Sending is the work of the job `notify.send`.

    Args:
        people: ids; unknown and inactive ones are left out.
        link: a path of this site.
        key: what makes this notice one and the same, for example `outage-17-start`.
        org_path: the organisation it concerns; channels of other subtrees stay silent.
        broadcast: whether robots and webhooks hear it; not for what concerns one person alone.
        channels: codes of channels that carry it whatever their level and whatever people prefer.

    Returns:
        The notices that are new.

    Raises:
        BadInput: an unknown severity, a link that leads nowhere, no title or no key.
    """
    message = Message(frozenset(people), title, key, body, link, severity, org_path, broadcast, channels)
    return tell_many(scope, [message], now=now)


def tell_many(
    scope: Scope,  # noqa: ARG001 -- every use case says who acts; the notice itself does not show it
    messages: Sequence[Message],
    *,
    now: datetime,
) -> list[Notice]:
    """Tell several things at once (成批通知), in as many statements as one of them takes; see `tell`.

    Raises:
        BadInput: one of them cannot be; nothing was told.
    """
    messages = [_checked(message) for message in messages]
    if not messages:
        return []
    with transaction.atomic(savepoint=False):
        fresh = _into_inboxes(messages, now=now)
        channels = [_Way(*row) for row in ask(_CHANNELS)]
        named = {message.key: message.channels for message in messages}
        deliveries = _personal(fresh, channels, now=now, named=named)
        deliveries += _shared(messages, channels, now=now)
        if _deliveries.insert(deliveries, back=["id"], once=True):
            slot = f"slot-{int(now.timestamp()) // _SEND_EVERY_S}"
            if not is_asked_for("notify.send", slot):
                enqueue("notify.send", {}, scope=Scope.system("通知"), now=now, key=slot)
        _show(fresh)
    return fresh


def _checked(message: Message) -> Message:
    level = rules.parse_severity(message.severity)
    rules.check_link(message.link)
    title = " ".join(message.title.split())[:200]
    if not title or not message.key or len(message.key) > 200:
        raise BadInput("通知缺少标题或去重键。", "请联系系统开发人员。")
    return replace(message, title=title, severity=level.value)


def _into_inboxes(messages: Sequence[Message], *, now: datetime) -> list[Notice]:
    """Put the notices into the inboxes that do not have them yet."""
    asked = {person for message in messages for person in message.people}
    if not asked:
        return []
    these, pks = among("id", asked)
    people = {pk for (pk,) in ask(f"SELECT id FROM identity_person WHERE is_active AND {these}", [pks])}  # noqa: S608
    wanted = {
        (person, message.key): (
            person, message.key, message.severity, message.title, message.body, message.link, now,
        )
        for message in messages
        for person in sorted(people.intersection(message.people))
    }  # fmt: skip
    # Those who have it already are left out by the database, also when somebody tells the same at this moment.
    made = _notices.insert(wanted.values(), back=["id", "person_id", "key"], once=True)
    return [_notice(pk, *wanted[person, key]) for pk, person, key in made]


def _notice(
    pk: int, person: int, key: str, severity: str, title: str, body: str, link: str, now: datetime
) -> Notice:
    found = Notice(
        pk=pk, person_id=person, key=key, severity=severity, title=title, body=body, link=link, told_at=now
    )
    found._state.adding, found._state.db = False, DEFAULT_DB_ALIAS
    return found


def _personal(
    fresh: Sequence[Notice],
    enabled: Sequence[_Way],
    *,
    now: datetime,
    named: Mapping[str, Collection[str]],
) -> list[tuple[Any, ...]]:
    """Return the deliveries to people's own addresses, as each prefers.

    Args:
        named: by key of the notice: channels that carry it whatever people prefer.
    """
    channels = {c.code: c for c in enabled if kind_of(c.kind).is_personal}
    if not channels or not fresh:
        return []
    ids = {notice.person_id for notice in fresh}
    these, pks = among("person_id", ids)
    wishes = f"SELECT person_id, channels, quiet_from, quiet_to FROM notify_preference WHERE {these}"  # noqa: S608
    held = {person: (json_of(chosen), *quiet) for person, chosen, *quiet in ask(wishes, [pks])}
    those, pks = among("id", ids)
    mails = dict(ask(f"SELECT id, email FROM identity_person WHERE email <> '' AND {those}", [pks]))  # noqa: S608
    found = []
    for notice in fresh:
        if notice.person_id not in mails:
            continue
        level = rules.parse_severity(notice.severity)
        chosen, quiet_from, quiet_to = held.get(notice.person_id, (None, None, None))
        wanted = rules.chosen_channels(chosen, level, sorted(channels))
        codes = sorted({*wanted, *(code for code in named[notice.key] if code in channels)})
        due = rules.send_at(now, level, quiet_from, quiet_to)
        found += [
            (
                f"{code}|{notice.person_id}|{notice.key}", channels[code].pk, notice.pk,
                mails[notice.person_id], level.value, notice.title, notice.body, notice.link, now, due,
            )
            for code in codes
        ]  # fmt: skip
    return found


def _shared(messages: Sequence[Message], enabled: Sequence[_Way], *, now: datetime) -> list[tuple[Any, ...]]:
    """Return one delivery of each message for each robot or webhook that should hear it."""
    wanted: dict[str, tuple[Any, ...]] = {}
    for channel in enabled:
        if kind_of(channel.kind).is_personal:
            continue
        for message in messages:
            is_near = channel.org_path is None or message.org_path.startswith(channel.org_path)
            is_loud = is_near and rules.at_least(message.severity, channel.min_severity)
            if (message.broadcast and is_loud) or channel.code in message.channels:
                once = f"{channel.code}||{message.key}"
                wanted[once] = (
                    once, channel.pk, None, channel.name, message.severity, message.title, message.body,
                    message.link, now, now,
                )  # fmt: skip
    return list(wanted.values())


def _show(fresh: Sequence[Notice]) -> None:
    """Let the open pages of those told ring."""
    publish_many(
        (
            f"{TOPIC}{notice.person_id}",
            {"severity": notice.severity, "title": notice.title, "link": notice.link},
            f"notice-{notice.pk}",
        )
        for notice in fresh
    )


def _person(scope: Scope) -> int:
    if scope.actor_id is None:
        raise NotPermitted("请先登录。", "通知属于登录的个人。")
    return scope.actor_id


def mark_read(scope: Scope, *, now: datetime, notice_id: int) -> Notice:
    """Mark one's own notice as read (标为已读); the first reading counts.

    Raises:
        NotFound: one has no such notice.
    """
    notice = Notice.objects.filter(person_id=_person(scope), pk=notice_id).first()
    if notice is None:
        raise NotFound("没有这条通知。", "它可能已过保存期。")
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])
        _read(notice.person_id)
    return notice


def mark_all_read(scope: Scope, *, now: datetime) -> int:
    """Mark all of one's notices up to `now` as read (全部已读); return how many were not."""
    person = _person(scope)
    count = Notice.objects.filter(person_id=person, read_at=None, told_at__lte=now).update(read_at=now)
    if count:
        _read(person)
    return count


def mark_some_read(scope: Scope, *, now: datetime, notice_ids: Sequence[int]) -> int:
    """Mark some of one's notices as read (标为已读); return how many were not."""
    person = _person(scope)
    count = Notice.objects.filter(person_id=person, pk__in=notice_ids, read_at=None).update(read_at=now)
    if count:
        _read(person)
    return count


def _read(person: int) -> None:
    publish_many([(f"{TOPIC}{person}", {"read": True}, "read")])


def prefer(
    scope: Scope,
    *,
    channels: Mapping[str, Sequence[str]],
    quiet_from: time | None,
    quiet_to: time | None,
) -> Preference:
    """Keep how one wants to be told (接收设置).

    Raises:
        BadInput: an unknown severity or channel, half a quiet time, or no channel for critical notices.
    """
    person = _person(scope)
    known = {c.code for c in Channel.objects.all() if kind_of(c.kind).is_personal}
    for severity, codes in channels.items():
        rules.parse_severity(severity)
        unknown = sorted(set(codes) - known)
        if unknown:
            raise BadInput(f"没有名为「{unknown[0]}」的个人渠道。", "请刷新页面后重新选择。")
    if (quiet_from is None) != (quiet_to is None):
        raise BadInput("免打扰时段要同时填写开始和结束。", "不需要免打扰时两项都留空。", field="quiet_from")
    if quiet_from is not None and quiet_from == quiet_to:
        raise BadInput("免打扰时段的开始和结束相同。", "不需要免打扰时两项都留空。", field="quiet_to")
    kept, _ = Preference.objects.update_or_create(
        person_id=person,
        defaults={
            "channels": {severity: sorted(set(codes)) for severity, codes in channels.items()},
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
        },
    )
    return kept
