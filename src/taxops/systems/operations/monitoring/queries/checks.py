"""Checks: lists with their shown state, one check, its versions and failures, coverage of the items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
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
from taxops.systems.operations.monitoring.models import BandState, Check, CheckVersion, ResultNote
from taxops.systems.operations.monitoring.rules import codes
from taxops.systems.operations.monitoring.words import PASSIVE_KINDS, Shown

from .dependencies import suppressed_checks
from .windows import VIEW, Suspended, suspended_now

Rows = QuerySet[Any]
"""Checks with annotated columns, which the stubs do not know."""

_RANK = {state: rank for rank, state in enumerate(Shown)}


def conditions(now: datetime, suspended: Suspended, prefix: str = "") -> dict[Shown, Q]:
    """Return what makes each shown state, in the order in which they are asked; the first that holds is shown.

    Whether results stopped coming is judged here, at reading time, so that a list is right even when
    the worker and every prober are dead. What is left over is in order (正常).

    Args:
        now: the instant.
        suspended: what is under maintenance then.
        prefix: path to the check, for conditions on a system's checks.
    """
    p, s = prefix, f"{prefix}state__"
    heard = Greatest(F(f"{s}last_at_ms"), F(f"{s}alive_from_ms"))
    silent = Q(**{f"{p}silence_ms__lt": Value(to_millis(now)) - heard})
    return {
        Shown.DISABLED: Q(**{f"{p}enabled": False}),
        Shown.SUSPENDED: Q(**{f"{p}pk__in": sorted(suspended.checks)})
        | Q(**{f"{p}system_id__in": sorted(suspended.systems)}),
        Shown.NO_DATA: silent & ~Q(**{f"{p}kind__in": sorted(PASSIVE_KINDS)}),
        Shown.AFFECTED: Q(**{f"{p}pk__in": suppressed_checks()}),
        Shown.FLAPPING: Q(**{f"{s}flapping_since_ms__isnull": False}),
        Shown.CRITICAL: Q(**{f"{s}phase__in": [codes.HARD_BAD, codes.SOFT_GOOD]}),
        Shown.UNKNOWN: Q(**{f"{s}unknown_since_ms__isnull": False}),
        Shown.CONFIRMING: Q(**{f"{s}phase": codes.SOFT_BAD}),
        Shown.PENDING: Q(**{f"{s}phase": codes.PENDING}),
        Shown.WARNING: Q(**{f"{s}verdict": 1}) | Q(**{f"{p}pk__in": _outside()}),
    }


def _outside() -> QuerySet[BandState, Any]:
    """Return the checks with a metric outside its band (偏离基线), to be used inside a query."""
    return BandState.objects.filter(verdict__in=["high", "low"]).values("check_row_id")


def shown_case(now: datetime, suspended: Suspended, prefix: str = "") -> Case:
    """Return the shown state as an expression (显示状态)."""
    asked = conditions(now, suspended, prefix)
    return Case(
        *(When(condition, then=Value(state.value)) for state, condition in asked.items()),
        default=Value(Shown.OK.value),
        output_field=CharField(),
    )


def with_shown(rows: QuerySet[Check], now: datetime) -> Rows:
    """Return checks with `shown` (显示状态) and `shown_rank` (worst first), judged at `now`.

    The rank asks the conditions themselves: asked about `shown`, it would judge each check once a state.
    """
    suspended = suspended_now(now)
    rank = Case(
        *(
            When(condition, then=Value(_RANK[state]))
            for state, condition in conditions(now, suspended).items()
        ),
        default=Value(_RANK[Shown.OK]),
        output_field=IntegerField(),
    )
    return rows.annotate(shown=shown_case(now, suspended), shown_rank=rank)


def judged(rows: QuerySet[Check], now: datetime, suspended: Suspended) -> dict[int, dict[str, int]]:
    """Return how many of these checks each system has in each shown state; one query, each check judged once."""
    found: dict[int, dict[str, int]] = {}
    for system_id, shown, n in (
        rows.order_by()
        .annotate(shown=shown_case(now, suspended))
        .values_list("system_id", "shown")
        .annotate(n=Count("pk"))
    ):
        found.setdefault(system_id, {})[shown] = n
    return found


def list_checks(scope: Scope, now: datetime) -> Rows:
    """Return the checks within the actor's range, worst first, with system, state and organisation."""
    rows = Check.objects.filter(within(scope, VIEW, "system__org__path"), archived_at=None)
    return (
        with_shown(rows, now)
        .select_related("system__org", "state")
        .defer("sealed", "params", "conditions", "warnings", "bands", "system__tree")
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


def watched_assets(scope: Scope) -> list[tuple[int, str, str]]:
    """Return id, code and name of the assets that checks look at (受检资产); one query."""
    rows = Check.objects.filter(
        within(scope, VIEW, "system__org__path"), archived_at=None, asset__isnull=False
    )
    return list(rows.order_by("asset__code").values_list("asset_id", "asset__code", "asset__name").distinct())
