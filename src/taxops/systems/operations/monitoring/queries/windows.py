"""Maintenance windows: which there are, what they suspend now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import MaintenanceWindow
from taxops.systems.operations.monitoring.words import WindowState

VIEW = "monitoring.view"
Rows = QuerySet[Any]
"""Windows with annotated columns, which the stubs do not know."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """What approved windows suspend at an instant (维护中的对象)."""

    systems: frozenset[int] = frozenset()
    checks: frozenset[int] = frozenset()

    def covers(self, check_id: int, system_id: int) -> bool:
        """Test whether a check is under maintenance itself or by its system."""
        return check_id in self.checks or system_id in self.systems


def suspended_now(now: datetime) -> Suspended:
    """Return what approved windows suspend at `now`; two queries."""
    active = MaintenanceWindow.objects.filter(state=WindowState.APPROVED, starts_at__lte=now, ends_at__gt=now)
    systems = active.filter(systems__isnull=False).values_list("systems", flat=True)
    checks = active.filter(checks_in__isnull=False).values_list("checks_in", flat=True)
    return Suspended(frozenset(systems), frozenset(checks))


def with_phase(rows: QuerySet[MaintenanceWindow], now: datetime) -> Rows:
    """Return windows with `phase`: their state, and for approved ones whether due, under way or over."""
    return rows.annotate(
        phase=Case(
            When(~Q(state=WindowState.APPROVED), then="state"),
            When(starts_at__gt=now, then=Value("due")),
            When(ends_at__lte=now, then=Value("over")),
            default=Value("running"),
            output_field=CharField(),
        )
    )


def list_windows(scope: Scope, now: datetime) -> Rows:
    """Return the windows within the actor's range, latest first."""
    rows = MaintenanceWindow.objects.filter(within(scope, VIEW))
    return (
        with_phase(rows, now)
        .select_related("org", "requested_by", "decided_by")
        .prefetch_related("systems", "checks_in")
    )


def windows_between(scope: Scope, now: datetime, start: datetime, end: datetime) -> Rows:
    """Return the windows that touch `[start, end)`, earliest first."""
    return list_windows(scope, now).filter(starts_at__lt=end, ends_at__gt=start).order_by("starts_at")


def get_window(scope: Scope, now: datetime, pk: int) -> MaintenanceWindow:
    """Return one window.

    Raises:
        NotFound: none within the actor's range.
    """
    found: MaintenanceWindow | None = list_windows(scope, now).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个维护窗口。", "它可能不在您的管理范围内。")
    return found
