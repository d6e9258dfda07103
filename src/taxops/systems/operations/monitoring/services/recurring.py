"""Recurring maintenance (周期维护): a rule asked for, decided by another person, ended. A02."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, Scope, new_id, to_millis
from taxops.engines.checks import parse_repeat
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.deciding import decide
from taxops.systems.operations.monitoring.models import MaintenanceRule
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import WindowState

from .windows import settle, subjects

LONGEST = timedelta(days=3 * 366)


def request_rule(
    scope: Scope,
    *,
    now: datetime,
    title: str,
    reason: str,
    repeat: Mapping[str, Any],
    valid_from: datetime,
    valid_to: datetime,
    systems: Sequence[int] = (),
    checks: Sequence[int] = (),
) -> MaintenanceRule:
    """Ask for maintenance that comes back (申请周期维护); it counts once another person has approved it.

    Raises:
        BadInput: a field is empty, the rule cannot be read, the times do not fit, or nothing is named.
        NotPermitted: a system lies outside the actor's range.
    """
    title, reason = title.strip(), reason.strip()
    if not title:
        raise BadInput("请填写标题。", "例如：每月补丁安装。", field="title")
    if not reason:
        raise BadInput("请填写原因与内容。", "写明做什么、影响什么、如何回退。", field="reason")
    if valid_to <= valid_from:
        raise BadInput("失效时间应晚于生效时间。", field="valid_to")
    if valid_to - valid_from > LONGEST:
        raise BadInput("周期维护最长申请三年。", "到期后请重新申请。", field="valid_to")
    rule = parse_repeat(repeat)
    with transaction.atomic():
        chosen, picked = subjects(scope, systems, checks)
        org = (chosen[0] if chosen else picked[0].system).org
        made = MaintenanceRule.objects.create(
            code=new_id(to_millis(now), secrets.token_bytes(10)),
            title=title[:120],
            reason=reason[:1000],
            org=org,
            repeat=rule.data(),
            valid_from=valid_from,
            valid_to=valid_to,
            requested_by_id=scope.actor_id,
            requested_at=now,
        )
        made.systems.set(chosen)
        made.checks_in.set(picked)
        after = {
            "title": made.title,
            "reason": made.reason,
            "repeat": rule.words(),
            "systems": "、".join(s.name for s in chosen),
            "checks": "、".join(c.name for c in picked),
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
        }
        _record(scope, made, now, "rule.request", None, after)
    return made


def decide_rule(scope: Scope, pk: int, *, now: datetime, agree: bool, note: str = "") -> MaintenanceRule:
    """Approve or refuse a rule (审批周期维护); never by the one who asked.

    Raises:
        NotFound, NotPermitted: not there, or the actor asked for it.
        Conflict: it is decided or cancelled already.
        BadInput: refused without a reason.
    """
    with transaction.atomic():
        rule = _load(scope, pk)
        after = decide(rule, scope, now=now, agree=agree, note=note, noun="周期维护", states=WindowState)
        action = "rule.approve" if agree else "rule.reject"
        _record(scope, rule, now, action, {"state": WindowState.REQUESTED.value}, after)
        if agree:
            settle(rule, rule.valid_from, now)
    return rule


def end_rule(scope: Scope, pk: int, *, now: datetime) -> MaintenanceRule:
    """Cancel a rule, or let one that has begun to hold end now (取消周期维护); past times stay agreed.

    Raises:
        NotFound: not there.
        Conflict: it is over, refused or cancelled.
    """
    with transaction.atomic():
        rule = _load(scope, pk)
        if rule.state not in {WindowState.REQUESTED, WindowState.APPROVED} or rule.valid_to <= now:
            raise Conflict("该周期维护已结束或已取消。", "请刷新后查看。")
        before = {"state": rule.state, "valid_to": rule.valid_to.isoformat()}
        if rule.state == WindowState.APPROVED and rule.valid_from < now:
            rule.valid_to = now
        else:
            rule.state = WindowState.CANCELLED.value
        rule.cancelled_by_id = scope.actor_id
        rule.cancelled_at = now
        rule.save(update_fields=["state", "valid_to", "cancelled_by", "cancelled_at"])
        after = {"state": rule.state, "valid_to": rule.valid_to.isoformat()}
        _record(scope, rule, now, "rule.cancel", before, after)
    return rule


def _load(scope: Scope, pk: int) -> MaintenanceRule:
    """Return the rule, locked.

    Raises:
        NotFound: none within the actor's range.
    """
    rule = (
        MaintenanceRule.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, "monitoring.maintain"), pk=pk)
        .first()
    )
    if rule is None:
        raise NotFound("没有这条周期维护。", "它可能不在您的管理范围内。")
    return rule


def _record(
    scope: Scope,
    rule: MaintenanceRule,
    now: datetime,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    audit.record(
        scope,
        now=now,
        action=action,
        kind="maintenance-rule",
        object_id=rule.pk,
        label=rule.title,
        before=before,
        after=after,
        org_path=rule.org.path,
    )
    tell_pages("window", scope_path=rule.org.path)
