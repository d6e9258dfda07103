"""Telling people something (发出通知), and what they do with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import Person
from taxops.platform.jobs.services import enqueue
from taxops.platform.live.services import publish_many
from taxops.platform.notify import rules
from taxops.platform.notify.channels import kind_of
from taxops.platform.notify.models import Channel, Delivery, Notice, Preference

TOPIC = "notify.person."
_SEND_EVERY_S = 5


def tell(
    scope: Scope,  # noqa: ARG001 -- every use case says who acts; the notice itself does not show it
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
    level = rules.parse_severity(severity)
    rules.check_link(link)
    title = " ".join(title.split())[:200]
    if not title or not key or len(key) > 200:
        raise BadInput("通知缺少标题或去重键。", "请联系系统开发人员。")
    with transaction.atomic():
        fresh = _into_inboxes(people, now=now, key=key, severity=level, title=title, body=body, link=link)
        deliveries = _personal(fresh, now=now, level=level, named=channels)
        if broadcast or channels:
            message = {"severity": level.value, "title": title, "body": body, "link": link}
            deliveries += _shared(
                message, now=now, key=key, org_path=org_path, broadcast=broadcast, named=channels
            )
        if deliveries:
            Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
            slot = int(now.timestamp()) // _SEND_EVERY_S
            enqueue("notify.send", {}, scope=Scope.system("通知"), now=now, key=f"slot-{slot}")
        _show(fresh)
    return fresh


def _into_inboxes(
    people: Iterable[int], *, now: datetime, key: str, severity: str, title: str, body: str, link: str
) -> list[Notice]:
    """Put the notice into the inboxes that do not have it yet."""
    wanted = set(Person.objects.filter(pk__in=set(people), is_active=True).values_list("pk", flat=True))
    wanted -= set(Notice.objects.filter(key=key, person_id__in=wanted).values_list("person_id", flat=True))
    if not wanted:
        return []
    Notice.objects.bulk_create(
        [
            Notice(
                person_id=person, key=key, severity=severity, title=title, body=body, link=link, told_at=now
            )
            for person in sorted(wanted)
        ],
        ignore_conflicts=True,  # somebody tells the same at the same moment
    )
    found = Notice.objects.filter(key=key, person_id__in=wanted).select_related("person")
    return list(found.order_by("person_id"))


def _personal(
    fresh: Sequence[Notice], *, now: datetime, level: str, named: Collection[str]
) -> list[Delivery]:
    """Return the deliveries to people's own addresses, as each prefers."""
    channels = {c.code: c for c in Channel.objects.filter(is_enabled=True) if kind_of(c.kind).is_personal}
    if not channels or not fresh:
        return []
    held = {p.person_id: p for p in Preference.objects.filter(person_id__in=[n.person_id for n in fresh])}
    found = []
    for notice in fresh:
        prefers = held.get(notice.person_id)
        wanted = rules.chosen_channels(prefers.channels if prefers else None, level, sorted(channels))
        codes = sorted({*wanted, *(code for code in named if code in channels)})
        if not notice.person.email:
            continue
        due = rules.send_at(
            now, level, prefers.quiet_from if prefers else None, prefers.quiet_to if prefers else None
        )
        found += [
            Delivery(
                key=f"{code}|{notice.person_id}|{notice.key}",
                channel=channels[code],
                notice=notice,
                to=notice.person.email,
                severity=level,
                title=notice.title,
                body=notice.body,
                link=notice.link,
                created_at=now,
                due_at=due,
            )
            for code in codes
        ]
    return found


def _shared(
    message: Mapping[str, str],
    *,
    now: datetime,
    key: str,
    org_path: str,
    broadcast: bool,
    named: Collection[str],
) -> list[Delivery]:
    """Return one delivery for each robot or webhook that should hear it."""
    channels = {f"{c.code}||{key}": c for c in Channel.objects.filter(is_enabled=True).select_related("org")}
    heard = set(Delivery.objects.filter(key__in=channels).values_list("key", flat=True))
    found = []
    for once, channel in channels.items():
        if once in heard or kind_of(channel.kind).is_personal:
            continue
        is_near = channel.org is None or org_path.startswith(channel.org.path)
        is_loud = broadcast and is_near and rules.at_least(message["severity"], channel.min_severity)
        if is_loud or channel.code in named:
            found.append(
                Delivery(key=once, channel=channel, to=channel.name, created_at=now, due_at=now, **message)
            )
    return found


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
