"""Configurations that are compared with what was approved (配置核对); a fixed number of queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from taxops.engines.base import NotFound, Scope, from_millis
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.models import Check

from . import rules
from .models import ConfigSnapshot
from .rules import SnapshotState

VIEW, EDIT = "monitoring.view", "monitoring.edit"
KIND = "config_drift"


def list_configs(scope: Scope, now: datetime) -> Any:
    """Return the checks that compare configurations, with when one was approved and whether one waits."""
    own = ConfigSnapshot.objects.filter(check_row=OuterRef("pk"))
    approved = own.filter(state=SnapshotState.APPROVED).order_by("-decided_at")
    return (
        monitoring.list_checks(scope, now)
        .filter(kind=KIND)
        .annotate(
            approved_at=Subquery(approved.values("decided_at")[:1]),
            waits=Exists(own.filter(state=SnapshotState.REQUESTED)),
        )
    )


def get_config(scope: Scope, now: datetime, pk: int, *, permission: str = VIEW) -> Any:
    """Return one such check with its shown state.

    Raises:
        NotFound: none within the scope.
    """
    found = monitoring.find_check(scope, now, pk, permission)
    if found is None or found.kind != KIND or found.archived_at is not None:
        raise NotFound("没有这项配置核对。", "它可能已归档，或不在您的管理范围内。")
    return found


def approved_text(check: Check) -> str:
    """Return what was approved; empty: nothing, or a digest alone."""
    value = check.params.get("approved", "")
    return "\n".join(str(line) for line in value) if isinstance(value, list) else str(value or "")


def snapshots(check: Check) -> list[ConfigSnapshot]:
    """Return a check's snapshots, latest first."""
    rows = ConfigSnapshot.objects.filter(check_row=check).select_related("taken_by", "decided_by")
    return list(rows[:30])


def seen(check: Check) -> tuple[rules.Diff, datetime] | None:
    """Return the differences that the check noted last, and when it saw them (最近一次差异); one query.

    None: it agrees now, or it noted none.
    """
    for note in monitoring.recent_notes(check, limit=20):
        if not note.code:
            break
        lines = (note.trace or {}).get("diff")  # said again, a finding is noted without its evidence
        if isinstance(lines, list) and lines:
            return rules.from_unified([str(line) for line in lines]), from_millis(note.at_ms)
    return None


def get_snapshot(scope: Scope, pk: int, *, permission: str = EDIT) -> ConfigSnapshot:
    """Return one snapshot.

    Raises:
        NotFound: none within the scope.
    """
    rows = ConfigSnapshot.objects.filter(within(scope, permission, "check_row__system__org__path"), pk=pk)
    found = rows.select_related("check_row__system__org", "taken_by", "decided_by").first()
    if found is None:
        raise NotFound("没有这份配置快照。", "它可能不在您的管理范围内。")
    return found
