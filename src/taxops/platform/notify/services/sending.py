"""Carrying deliveries out (投递): claimed with a lease, sent outside any transaction, written down after.

Every step survives a kill: what was claimed comes free when its lease ends and is sent again with the
same message id. So nothing is lost, and a message may arrive twice, recognisably.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Queue
from threading import Thread
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from taxops.engines.base import Conflict, NotFound, Scope, TaxopsError
from taxops.platform.identity.queries import within
from taxops.platform.notify import rules
from taxops.platform.notify.channels import Answer, Message, Receiver, kind_of
from taxops.platform.notify.models import Channel, Delivery, Notice
from taxops.platform.notify.sealing import unseal

_log = logging.getLogger(__name__)
_CLAIM = 200
_ENOUGH = 2
_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Deliveries that go as one message; the first one stands for the message in the log."""

    channel: Channel
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one bundle; no answer: it was not tried."""

    bundle: _Bundle
    answer: Answer | None
    spent_ms: int


def send_due(*, clock: Callable[[], datetime], timeout: float = _TIMEOUT_S) -> dict[str, int]:
    """Send everything that is due (投递到期消息); a channel that hangs does not hold up the others.

    Args:
        clock: tells the time; sending takes some, so one instant would not do.

    Returns:
        How many messages were sent and how many failed (they will be tried again).
    """
    counts = {"sent": 0, "failed": 0}
    while by_channel := claim(now=clock()):
        outcomes: Queue[_Outcome | None] = Queue()
        lines = [
            Thread(target=_carry_all, args=(bundles, timeout, outcomes), name="notify", daemon=True)
            for bundles in by_channel
        ]
        for line in lines:
            line.start()
        left = len(lines)
        while left:
            outcome = outcomes.get()
            if outcome is None:
                left -= 1
                continue
            now = clock()
            if outcome.answer is None:
                release(outcome.bundle.deliveries, now=now)
                continue
            write_down(outcome.bundle.deliveries, outcome.answer, now=now, spent_ms=outcome.spent_ms)
            counts["sent" if outcome.answer.is_ok else "failed"] += 1
    return counts


def claim(*, now: datetime) -> list[list[_Bundle]]:
    """Take what is due and within the channels' rates, as bundles by channel; others leave it alone meanwhile."""
    waiting = Q(state=rules.DeliveryState.WAITING.value, due_at__lte=now)
    dropped = Q(state=rules.DeliveryState.SENDING.value, lease_until__lt=now)
    found: list[list[_Bundle]] = []
    with transaction.atomic():
        due = Delivery.objects.filter(waiting | dropped)
        for channel in Channel.objects.filter(pk__in=due.values("channel")):
            rows = due.filter(channel=channel).order_by("due_at", "id")
            if connection.vendor == "postgresql":
                rows = rows.select_for_update(skip_locked=True, of=("self",))
            bundles = _bundles(channel, list(rows[:_CLAIM]), now)
            if bundles:
                found.append(bundles)
        taken = [delivery for bundles in found for bundle in bundles for delivery in bundle.deliveries]
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in taken]).update(
            state=rules.DeliveryState.SENDING.value,
            lease_until=now + rules.LEASE,
            attempts=F("attempts") + 1,
            last_at=now,
        )
        for delivery in taken:
            delivery.attempts += 1
    return found


def _bundles(channel: Channel, due: Sequence[Delivery], now: datetime) -> list[_Bundle]:
    """Return what of a channel's due deliveries goes out now."""
    if not channel.is_enabled:
        Delivery.objects.filter(pk__in=[d.pk for d in due]).update(
            state=rules.DeliveryState.CANCELLED.value, answer="渠道已停用，没有发送。", done_at=now
        )
        return []
    recent = Delivery.objects.filter(
        channel=channel, last_at__gt=now - rules.WINDOW, folded_into=None
    ).exclude(state=rules.DeliveryState.WAITING.value)
    remaining = channel.per_minute - recent.count()
    by_id = {delivery.pk: delivery for delivery in due}
    plan = rules.plan([rules.Pending(d.pk, d.to) for d in due], remaining)
    return [_Bundle(channel, tuple(by_id[pk] for pk in ids)) for ids in plan]


def _carry_all(bundles: Sequence[_Bundle], timeout: float, outcomes: Queue[_Outcome | None]) -> None:
    """Send a channel's bundles one after the other, in a thread; leave the rest when the line is dead."""
    started, failures = monotonic(), 0
    limit = rules.LEASE.total_seconds() / 2
    for bundle in bundles:
        if failures >= _ENOUGH or monotonic() - started + timeout > limit:
            outcomes.put(_Outcome(bundle, None, 0))
            continue
        begun = monotonic()
        answer = _carry(bundle, timeout)
        failures = 0 if answer.is_ok or answer.is_final else failures + 1
        outcomes.put(_Outcome(bundle, answer, int((monotonic() - begun) * 1000)))
    outcomes.put(None)


def _carry(bundle: _Bundle, timeout: float) -> Answer:
    """Send one bundle; needs no database."""
    try:
        receiver = Receiver(bundle.deliveries[0].to, opened(bundle.channel), timeout)
        return kind_of(bundle.channel.kind).send(receiver, message_of(bundle.deliveries))
    except TaxopsError as error:
        return Answer(is_ok=False, text=str(error))
    except Exception as error:  # noqa: BLE001 -- an edge: a bug in one channel must not stop the others
        _log.exception("channel %s failed", bundle.channel.code)
        return Answer(is_ok=False, text=f"程序错误：{type(error).__name__}，已记入日志。")


def opened(channel: Channel) -> dict[str, str]:
    """Return a channel's parameters with its secrets.

    Raises:
        Unavailable: the secrets cannot be opened.
        BadInput: a parameter is missing.
    """
    return kind_of(channel.kind).accept({**channel.config, **unseal(channel.secrets)})


def message_of(deliveries: Sequence[Delivery]) -> Message:
    """Return the message that stands for some deliveries."""
    messages = [
        Message(
            id=f"taxops-{delivery.pk}",
            severity=delivery.severity,
            title=delivery.title,
            body=delivery.body,
            link=_address(delivery.link),
            at=delivery.created_at,
        )
        for delivery in deliveries
    ]
    first = messages[0]
    if len(messages) == 1:
        return first
    return Message(
        id=first.id,
        severity=rules.worst(message.severity for message in messages),
        title=f"合并通知 {len(messages)} 条",
        body="\n".join(message.heading for message in messages),
        link=_address("/notices/"),
        at=messages[-1].at,
        entries=messages,
    )


def _address(link: str) -> str:
    """Return a link that works from outside the site."""
    return f"{settings.CONFIG.public_url}{link}" if link.startswith("/") else link


def write_down(deliveries: Sequence[Delivery], answer: Answer, *, now: datetime, spent_ms: int) -> None:
    """Keep what came of an attempt, unless another worker has taken the deliveries over meanwhile."""
    first, rest = deliveries[0], deliveries[1:]
    with transaction.atomic():
        common = {"answer": answer.text[:500], "duration_ms": spent_ms, "lease_until": None}
        if answer.is_ok:
            _update([first], {**common, "state": rules.DeliveryState.SENT.value, "done_at": now})
            folded = {
                **common,
                "state": rules.DeliveryState.FOLDED.value,
                "done_at": now,
                "folded_into": first,
            }
            _update(rest, folded)
            return
        for delivery in deliveries:
            again = None if answer.is_final else rules.retry_at(now, delivery.attempts, answer.retry_after)
            if again is None:
                _update([delivery], {**common, "state": rules.DeliveryState.FAILED.value, "done_at": now})
            else:
                _update([delivery], {**common, "state": rules.DeliveryState.WAITING.value, "due_at": again})


def release(deliveries: Iterable[Delivery], *, now: datetime) -> None:
    """Give back what was claimed but not tried, as if it had not been claimed."""
    for delivery in deliveries:
        _update(
            [delivery],
            {
                "state": rules.DeliveryState.WAITING.value,
                "attempts": delivery.attempts - 1,
                "due_at": now + timedelta(seconds=15),
                "lease_until": None,
            },
        )


def _update(deliveries: Iterable[Delivery], values: dict[str, object]) -> None:
    for delivery in deliveries:
        Delivery.objects.filter(
            pk=delivery.pk, state=rules.DeliveryState.SENDING.value, attempts=delivery.attempts
        ).update(**values)


def _mine(scope: Scope, delivery_id: int) -> Delivery:
    """Return a delivery that this person manages.

    Raises:
        NotFound: there is none within the scope.
    """
    scope.require("notify.manage")
    seen = Q(channel__org=None) | within(scope, "notify.manage", "channel__org__path")
    found = Delivery.objects.select_for_update(of=("self",)).filter(seen, pk=delivery_id).first()
    if found is None:
        raise NotFound("没有这条投递记录，或它不在您的管理范围内。")
    return found


def resend(scope: Scope, *, now: datetime, delivery_id: int) -> Delivery:
    """Try a failed or cancelled delivery again (重新发送).

    Raises:
        NotFound: no such delivery within the scope.
        Conflict: it was sent, or still will be.
    """
    with transaction.atomic():
        delivery = _mine(scope, delivery_id)
        if delivery.state not in {rules.DeliveryState.FAILED.value, rules.DeliveryState.CANCELLED.value}:
            raise Conflict(
                f"这条消息{rules.DeliveryState.label_of(delivery.state)}，不需要重新发送。",
                "请刷新页面查看最新状态。",
            )
        delivery.state, delivery.attempts, delivery.due_at = rules.DeliveryState.WAITING.value, 0, now
        delivery.done_at = delivery.lease_until = None
        delivery.save(update_fields=["state", "attempts", "due_at", "done_at", "lease_until"])
    return delivery


def cancel(scope: Scope, *, now: datetime, delivery_id: int) -> Delivery:
    """Give up a delivery that waits (取消发送).

    Raises:
        NotFound: no such delivery within the scope.
        Conflict: it does not wait.
    """
    with transaction.atomic():
        delivery = _mine(scope, delivery_id)
        if delivery.state != rules.DeliveryState.WAITING.value:
            raise Conflict(
                f"这条消息{rules.DeliveryState.label_of(delivery.state)}，不能取消。",
                "请刷新页面查看最新状态。",
            )
        delivery.state, delivery.done_at = rules.DeliveryState.CANCELLED.value, now
        delivery.answer = f"由{scope.actor_name}取消。"
        delivery.save(update_fields=["state", "done_at", "answer"])
    return delivery


def prune(*, now: datetime, kept: timedelta = rules.KEPT) -> dict[str, int]:
    """Forget finished deliveries and read notices older than is kept (清理过期通知)."""
    limit = now - kept
    deliveries = Delivery.objects.filter(done_at__lt=limit).delete()[0]
    notices = Notice.objects.filter(told_at__lt=limit, read_at__isnull=False).delete()[0]
    return {"deliveries": deliveries, "notices": notices}
