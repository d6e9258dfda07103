"""Keeping channels (通知渠道的维护)."""

from __future__ import annotations

import secrets as _secrets
from collections.abc import Mapping
from datetime import datetime
from time import monotonic

from django.db import transaction
from django.db.models import ProtectedError

from taxops.engines.base import BadInput, Conflict, Scope
from taxops.platform.audit.services import record
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify import rules
from taxops.platform.notify.channels import Kind, Receiver, kind_of
from taxops.platform.notify.models import Channel, Delivery
from taxops.platform.notify.sealing import seal, unseal

from .sending import message_of, opened

_TEST_TIMEOUT_S = 10.0


def save_channel(
    scope: Scope,
    *,
    now: datetime,
    code: str,
    name: str,
    kind: str,
    values: Mapping[str, str],
    min_severity: str = rules.Severity.WARNING.value,
    org: OrgUnit | None = None,
    per_minute: int | None = None,
    channel: Channel | None = None,
) -> Channel:
    """Add a channel or change one (保存渠道). A secret left empty stays what it was.

    Raises:
        NotPermitted: without `notify.manage` there.
        BadInput: a parameter is missing or wrong, or the code is taken.
    """
    _require(scope, org)
    if channel is not None:
        _require(scope, channel.org)
    rules.parse_severity(min_severity)
    what = kind_of(kind)
    code, name = code.strip().lower(), name.strip()
    if not code or not code.replace("-", "").isalnum() or not code.isascii() or len(code) > 40:
        raise BadInput(
            f"渠道代码「{code}」不正确。", "请使用小写字母、数字和短横线，最多 40 个字符。", field="code"
        )
    if not name:
        raise BadInput("请填写渠道名称。", field="name")
    if Channel.objects.filter(code=code).exclude(pk=channel.pk if channel else 0).exists():
        raise BadInput(f"渠道代码「{code}」已被使用。", "请换一个代码。", field="code")
    if per_minute is not None and not 0 < per_minute <= 600:
        raise BadInput("每分钟最多消息数应在 1 到 600 之间。", field="per_minute")
    before = _shown(channel) if channel else None
    kept = unseal(channel.secrets) if channel and channel.kind == kind else {}
    filled = {**kept, **{key: value for key, value in values.items() if value or key not in kept}}
    complete = what.accept(filled)
    hidden = {field.name for field in what.fields if field.secret}
    with transaction.atomic():
        target = channel or Channel()
        target.code, target.name, target.kind, target.org = code, name, kind, org
        target.min_severity = min_severity
        target.per_minute = per_minute or (channel.per_minute if channel else what.per_minute)
        target.config = {key: value for key, value in complete.items() if key not in hidden}
        target.secrets = seal({key: value for key, value in complete.items() if key in hidden and value})
        target.save()
        _note(scope, now, "channel.edit" if before else "channel.add", target, before, _shown(target))
    return target


def _require(scope: Scope, org: OrgUnit | None) -> None:
    """Do nothing when the person may keep channels of this organisation (None: of the whole platform)."""
    scope.require("notify.manage", org.path if org else None)


def _shown(channel: Channel) -> dict[str, object]:
    """Return a channel as the trail shows it; secrets only masked."""
    return {
        "code": channel.code,
        "name": channel.name,
        "kind": channel.kind,
        "config": channel.config,
        "secrets": {key: rules.masked(value) for key, value in unseal(channel.secrets).items()},
        "min_severity": channel.min_severity,
        "org": channel.org.code if channel.org else "",
        "per_minute": channel.per_minute,
        "is_enabled": channel.is_enabled,
    }


def _note(
    scope: Scope,
    now: datetime,
    action: str,
    channel: Channel,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> None:
    record(
        scope,
        now=now,
        action=action,
        kind="channel",
        object_id=channel.code,
        label=channel.name,
        before=before,
        after=after,
        org_path=channel.org.path if channel.org else "",
    )


def enable(scope: Scope, *, now: datetime, channel: Channel, is_enabled: bool) -> Channel:
    """Switch a channel on or off (启用、停用); what waits for a channel that is off is cancelled.

    Raises:
        NotPermitted: without `notify.manage` there.
    """
    _require(scope, channel.org)
    with transaction.atomic():
        before = _shown(channel)
        channel.is_enabled = is_enabled
        channel.save(update_fields=["is_enabled"])
        _note(
            scope,
            now,
            "channel.enable" if is_enabled else "channel.disable",
            channel,
            before,
            _shown(channel),
        )
    return channel


def remove(scope: Scope, *, now: datetime, channel: Channel) -> None:
    """Remove a channel that never carried anything (删除渠道).

    Raises:
        NotPermitted: without `notify.manage` there.
        Conflict: the delivery log speaks of it.
    """
    _require(scope, channel.org)
    try:
        with transaction.atomic():
            before = _shown(channel)
            code, name = channel.code, channel.name
            channel.delete()
            channel.code, channel.name = code, name
            _note(scope, now, "channel.remove", channel, before, None)
    except ProtectedError as error:
        raise Conflict(f"渠道「{channel.name}」已有投递记录，不能删除。", "请改为停用。") from error


def try_out(
    scope: Scope, *, now: datetime, channel: Channel, to: str = "", timeout: float = _TEST_TIMEOUT_S
) -> Delivery:
    """Send a test message at once (测试发送) and return how it went; it is in the log, too.

    Args:
        to: the receiver's address, where the kind of channel needs one.

    Raises:
        NotPermitted: without `notify.manage` there.
        BadInput: an address is needed.
        Unavailable: the channel's secrets cannot be opened.
    """
    _require(scope, channel.org)
    kind: Kind = kind_of(channel.kind)
    if kind.is_personal and "@" not in to:
        raise BadInput("请填写测试邮件的收件地址。", field="to")
    values = opened(channel)
    delivery = Delivery.objects.create(
        key=f"test|{channel.code}|{_secrets.token_hex(8)}",
        channel=channel,
        to=to if kind.is_personal else channel.name,
        severity=rules.Severity.INFO.value,
        title="测试消息",
        body=f"这是{scope.actor_name}发出的测试消息，收到即说明渠道「{channel.name}」可用。",
        state=rules.DeliveryState.SENDING.value,
        attempts=1,
        created_at=now,
        due_at=now,
        last_at=now,
    )
    started = monotonic()
    answer = kind.send(Receiver(delivery.to, values, timeout), message_of([delivery]))
    delivery.state = (rules.DeliveryState.SENT if answer.is_ok else rules.DeliveryState.FAILED).value
    delivery.answer = answer.text[:500]
    delivery.done_at = now
    delivery.duration_ms = int((monotonic() - started) * 1000)
    delivery.save(update_fields=["state", "answer", "done_at", "duration_ms"])
    return delivery
