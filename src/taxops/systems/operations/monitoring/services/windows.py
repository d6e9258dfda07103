"""Maintenance windows (维护窗口): asked for, decided by another person, cancelled. A02, GX:145."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope, new_id, to_millis
from taxops.platform.audit import services as audit
from taxops.platform.identity.queries import within
from taxops.systems.operations.deciding import decide
from taxops.systems.operations.monitoring.ingest import systems as trees
from taxops.systems.operations.monitoring.ingest import turns
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.models import (
    Check,
    MaintenanceRule,
    MaintenanceWindow,
    MonitoredSystem,
)
from taxops.systems.operations.monitoring.telling import tell_pages
from taxops.systems.operations.monitoring.words import WindowState

LONGEST = timedelta(days=30)
FARTHEST = timedelta(days=366)


def request_window(
    scope: Scope,
    *,
    now: datetime,
    title: str,
    reason: str,
    systems: Sequence[int] = (),
    checks: Sequence[int] = (),
    starts_at: datetime,
    ends_at: datetime,
) -> MaintenanceWindow:
    """Ask for a maintenance window (申请维护窗口); it counts once another person has approved it.

    A window may lie in the past: work that could not wait is entered afterwards and says so.

    Raises:
        BadInput: a field is empty, the times do not fit, or nothing is named.
        NotPermitted: a system lies outside the actor's range.
    """
    title, reason = title.strip(), reason.strip()
    if not title:
        raise BadInput("请填写标题。", "例如：受理服务版本升级。", field="title")
    if not reason:
        raise BadInput("请填写原因与内容。", "写明做什么、影响什么、如何回退。", field="reason")
    _times(starts_at, ends_at, now)
    with transaction.atomic():
        chosen, picked = subjects(scope, systems, checks)
        org = (chosen[0] if chosen else picked[0].system).org
        window = MaintenanceWindow.objects.create(
            code=new_id(to_millis(now), secrets.token_bytes(10)),
            title=title[:120],
            reason=reason[:1000],
            org=org,
            starts_at=starts_at,
            ends_at=ends_at,
            requested_by_id=scope.actor_id,
            requested_at=now,
        )
        window.systems.set(chosen)
        window.checks_in.set(picked)
        audit.record(
            scope,
            now=now,
            action="window.request",
            kind="window",
            object_id=window.pk,
            label=window.title,
            after={
                "title": window.title,
                "reason": window.reason,
                "systems": "、".join(s.name for s in chosen),
                "checks": "、".join(c.name for c in picked),
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
                "afterwards": starts_at < now,
            },
            org_path=org.path,
        )
        tell_pages("window", scope_path=org.path)
    return window


def subjects(
    scope: Scope, systems: Sequence[int], checks: Sequence[int]
) -> tuple[list[MonitoredSystem], list[Check]]:
    """Return the systems and checks that maintenance is to name.

    Raises:
        NotPermitted: one lies outside the actor's range.
        BadInput: there is none.
    """
    chosen = list(
        MonitoredSystem.objects.select_related("org").filter(
            within(scope, "monitoring.maintain"), pk__in=list(systems), archived_at=None
        )
    )
    picked = list(
        Check.objects.select_related("system__org").filter(
            within(scope, "monitoring.maintain", "system__org__path"),
            pk__in=list(checks),
            archived_at=None,
        )
    )
    if len(chosen) != len(set(systems)) or len(picked) != len(set(checks)):
        raise NotPermitted("所选系统或检查项不存在，或不在您的管理范围内。", "请刷新后重新选择。")
    if not chosen and not picked:
        raise BadInput("请至少选择一个系统或检查项。", field="systems")
    return chosen, picked


def _times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Do nothing when the times of a window make sense.

    Raises:
        BadInput: they do not.
    """
    if ends_at <= starts_at:
        raise BadInput("结束时间应晚于开始时间。", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise BadInput("一个维护窗口不能超过 30 天。", "请分段申请。", field="ends_at")
    if starts_at - now > FARTHEST:
        raise BadInput("开始时间在一年以后。", "请检查年份。", field="starts_at")
    if now - starts_at > FARTHEST:
        raise BadInput("开始时间在一年以前。", "请检查年份。", field="starts_at")


def _load(scope: Scope, pk: int) -> MaintenanceWindow:
    """Return the window, locked.

    Raises:
        NotFound: none within the actor's range.
    """
    window = (
        MaintenanceWindow.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, "monitoring.maintain"), pk=pk)
        .first()
    )
    if window is None:
        raise NotFound("没有这个维护窗口。", "它可能不在您的管理范围内。")
    return window


def decide_window(scope: Scope, pk: int, *, now: datetime, agree: bool, note: str = "") -> MaintenanceWindow:
    """Approve or refuse a requested window (审批维护窗口); never by the one who asked.

    Raises:
        NotFound, NotPermitted: not there, or the actor asked for it.
        Conflict: it is decided or cancelled already.
        BadInput: refused without a reason.
    """
    with transaction.atomic():
        window = _load(scope, pk)
        after = decide(window, scope, now=now, agree=agree, note=note, noun="维护窗口", states=WindowState)
        audit.record(
            scope,
            now=now,
            action="window.approve" if agree else "window.reject",
            kind="window",
            object_id=window.pk,
            label=window.title,
            before={"state": WindowState.REQUESTED.value},
            after=after,
            org_path=window.org.path,
        )
        if agree:
            settle(window, window.starts_at, now)
        tell_pages("window", scope_path=window.org.path)
    return window


def settle(window: MaintenanceWindow | MaintenanceRule, since: datetime, now: datetime) -> None:
    """Judge again what the window's checks count for: an approval afterwards changes what was (重新计算)."""
    checks = list(window.checks_in.values_list("pk", flat=True))
    if checks and since < now:
        happened = turns.Happened()
        trees.settle_windows(checks, since, now, happened)
        announce(happened, now)


def cancel_window(scope: Scope, pk: int, *, now: datetime) -> MaintenanceWindow:
    """Cancel a window that is not over (取消维护窗口); one under way ends now instead.

    Raises:
        NotFound: not there.
        Conflict: it is over, refused or cancelled.
    """
    with transaction.atomic():
        window = _load(scope, pk)
        if window.state not in {WindowState.REQUESTED, WindowState.APPROVED} or window.ends_at <= now:
            raise Conflict("该窗口已结束或已取消。", "请刷新后查看。")
        before = {"state": window.state, "ends_at": window.ends_at.isoformat()}
        if window.state == WindowState.APPROVED and window.starts_at < now:
            window.ends_at = now  # the work that was done under it stays excusable
        else:
            window.state = WindowState.CANCELLED.value
        window.cancelled_by_id = scope.actor_id
        window.cancelled_at = now
        window.save(update_fields=["state", "ends_at", "cancelled_by", "cancelled_at"])
        audit.record(
            scope,
            now=now,
            action="window.cancel",
            kind="window",
            object_id=window.pk,
            label=window.title,
            before=before,
            after={"state": window.state, "ends_at": window.ends_at.isoformat()},
            org_path=window.org.path,
        )
        settle(window, window.starts_at, now)
        tell_pages("window", scope_path=window.org.path)
    return window


def end_window(scope: Scope, pk: int, *, now: datetime, at: datetime) -> datetime | None:
    """End an approved window when its work ended (提前结束窗口): rolled back, or done before its time.

    What was excused after that instant counts again. A window that is over by then, or not approved, stays as it is.

    Args:
        at: when the work ended, which may have been entered later; not after `now`.

    Returns:
        When the window would have ended, or None when nothing changed.

    Raises:
        NotFound: not there.
    """
    with transaction.atomic():
        window = _load(scope, pk)
        planned = window.ends_at
        if window.state != WindowState.APPROVED or at >= planned:
            return None
        if at > window.starts_at:
            window.ends_at = at
        else:
            window.state = WindowState.CANCELLED.value  # the work never began under it
            window.cancelled_by_id, window.cancelled_at = scope.actor_id, now
        window.save(update_fields=["state", "ends_at", "cancelled_by", "cancelled_at"])
        audit.record(
            scope,
            now=now,
            action="window.end",
            kind="window",
            object_id=window.pk,
            label=window.title,
            before={"state": WindowState.APPROVED.value, "ends_at": planned.isoformat()},
            after={"state": window.state, "ends_at": window.ends_at.isoformat()},
            org_path=window.org.path,
            at=at,
        )
        settle(window, window.starts_at, now)
        tell_pages("window", scope_path=window.org.path)
    return planned
