"""Checks: lists with their shown state, one check, its versions and failures, coverage of the items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Greatest

from taxops.engines.base import NotFound, Scope, to_millis
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring.models import Check, CheckVersion, ResultNote
from taxops.systems.operations.monitoring.rules import codes
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS, Shown

from .windows import VIEW, suspended_now

Rows = QuerySet[Any]
"""Checks with annotated columns, which the stubs do not know."""

_RANK = {state: rank for rank, state in enumerate(Shown)}


def with_shown(rows: QuerySet[Check], now: datetime) -> Rows:
    """Return checks with `shown` (显示状态) and `shown_rank` (worst first), judged at `now`.

    Whether results stopped coming is judged here, at reading time, so that a list is right even when
    the worker and every prober are dead.
    """
    suspended = suspended_now(now)
    rows = rows.annotate(
        is_silent=Case(
            When(kind__in=sorted(PASSIVE_KINDS), then=Value(False)),
            When(
                silence_ms__lt=Value(to_millis(now))
                - Greatest(F("state__last_at_ms"), F("state__alive_from_ms")),
                then=Value(True),
            ),
            default=Value(False),
            output_field=BooleanField(),
        )
    )
    state = Case(
        When(enabled=False, then=Value(Shown.DISABLED.value)),
        When(
            Q(pk__in=sorted(suspended.checks)) | Q(system_id__in=sorted(suspended.systems)),
            then=Value(Shown.SUSPENDED.value),
        ),
        When(is_silent=True, then=Value(Shown.NO_DATA.value)),
        When(state__phase__in=[codes.HARD_BAD, codes.SOFT_GOOD], then=Value(Shown.CRITICAL.value)),
        When(state__unknown_since_ms__isnull=False, then=Value(Shown.UNKNOWN.value)),
        When(state__phase=codes.SOFT_BAD, then=Value(Shown.CONFIRMING.value)),
        When(state__phase=codes.PENDING, then=Value(Shown.PENDING.value)),
        When(state__verdict=1, then=Value(Shown.WARNING.value)),
        default=Value(Shown.OK.value),
        output_field=CharField(),
    )
    rows = rows.annotate(shown=state)
    return rows.annotate(
        shown_rank=Case(
            *(When(shown=code.value, then=Value(rank)) for code, rank in _RANK.items()),
            default=Value(99),
            output_field=IntegerField(),
        )
    )


def list_checks(scope: Scope, now: datetime) -> Rows:
    """Return the checks within the actor's range, worst first, with system, state and organisation."""
    rows = Check.objects.filter(within(scope, VIEW, "system__org__path"), archived_at=None)
    return (
        with_shown(rows, now)
        .select_related("system__org", "state")
        .defer("sealed", "params", "conditions", "warnings", "system__tree")
        .order_by("shown_rank", "system__sort", "code")
    )


def counts_by_state(rows: Rows) -> dict[str, int]:
    """Return how many of these checks are in each shown state; one query."""
    found = rows.order_by().values("shown").annotate(n=Count("pk")).values_list("shown", "n")
    return {state.value: dict(found).get(state.value, 0) for state in Shown}


def find_check(scope: Scope, now: datetime, pk: int, permission: str = VIEW) -> Check | None:
    """Return one check with its shown state, or None."""
    rows = Check.objects.filter(within(scope, permission, "system__org__path"))
    return (
        with_shown(rows, now).select_related("system__org", "state", "asset", "prober").filter(pk=pk).first()
    )


def get_check(scope: Scope, now: datetime, pk: int, permission: str = VIEW) -> Check:
    """Return one check with its shown state.

    Raises:
        NotFound: none within the actor's range.
    """
    found = find_check(scope, now, pk, permission)
    if found is None:
        raise NotFound("没有这个检查项。", "它可能已归档，或不在您的管理范围内。")
    return found


def list_versions(check: Check) -> list[CheckVersion]:
    """Return a check's versions, latest first (检查项版本)."""
    return list(CheckVersion.objects.filter(check_row=check).order_by("-version")[:50])


def recent_notes(check: Check, *, failures: bool = False, limit: int = 20) -> list[ResultNote]:
    """Return what the latest results said, traces included; only failures if asked for."""
    rows = ResultNote.objects.filter(check_row=check).select_related("prober").order_by("-at_ms")
    if failures:
        rows = rows.exclude(code=0)
    return list(rows[:limit])


def coverage(scope: Scope) -> dict[str, dict[int, int]]:
    """Return how many enabled checks each system has for each item (监控内容覆盖); one query."""
    rows = (
        Check.objects.filter(
            within(scope, VIEW, "system__org__path"), archived_at=None, enabled=True, system__archived_at=None
        )
        .exclude(item="")
        .order_by()
        .values_list("item", "system_id")
        .annotate(n=Count("pk"))
    )
    found: dict[str, dict[int, int]] = {}
    for item, system_id, n in rows:
        found.setdefault(item, {})[system_id] = n
    return found
