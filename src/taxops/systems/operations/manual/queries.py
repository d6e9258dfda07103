"""What people have to look at (人工检查待办), and what they found; a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from taxops.engines.base import NotFound, Scope, from_millis
from taxops.platform.identity.queries import within
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.models import Check

from . import rules
from .models import ManualAnswer

VIEW, RUN = "monitoring.view", "monitoring.run"


@dataclass(frozen=True, slots=True)
class Duty:
    """One check and when it is due (待办)."""

    check: Any
    due: rules.Due
    last_at: datetime | None
    last: str


def _rows(scope: Scope, permission: str) -> Any:
    latest = ManualAnswer.objects.filter(check_row=OuterRef("pk")).order_by("-fact_at")
    return (
        Check.objects.filter(
            within(scope, permission, "system__org__path"), kind="manual", archived_at=None, enabled=True
        )
        .select_related("system__org", "asset", "state")
        .annotate(last_at=Subquery(latest.values("fact_at")[:1]), last=Subquery(latest.values("answer")[:1]))
    )


def _duty(check: Any, now: datetime) -> Duty:
    since = from_millis(check.state.alive_from_ms) if check.state.alive_from_ms else check.created_at
    return Duty(check, rules.due(check.params, check.last_at, since, now), check.last_at, check.last or "")


def duties(scope: Scope, now: datetime, *, permission: str = VIEW) -> list[Duty]:
    """Return every check that people carry out within the scope, most urgent first."""
    order = {stand: rank for rank, stand in enumerate(rules.Stand)}
    found = [_duty(check, now) for check in _rows(scope, permission)]
    return sorted(found, key=lambda d: (order[d.due.stand], d.due.due_at, d.check.code))


def overdue(now: datetime) -> list[Duty]:
    """Return what is overdue anywhere and not yet shown as unknown (逾期)."""
    rows = _rows(Scope.system("人工检查"), VIEW).filter(state__unknown_since_ms=None)
    return [found for check in rows if (found := _duty(check, now)).due.stand is rules.Stand.OVERDUE]


def get_duty(scope: Scope, now: datetime, pk: int, *, permission: str = RUN) -> Duty:
    """Return one check that people carry out.

    Raises:
        NotFound: none within the scope, or one of another kind.
    """
    check = _rows(scope, permission).filter(pk=pk).first()
    if check is None:
        raise NotFound("没有这项人工检查。", "它可能已停用，或不在您的管理范围内。")
    return _duty(check, now)


def answers(check_id: int, *, limit: int = 20) -> list[ManualAnswer]:
    """Return what was found lately, latest first."""
    return list(ManualAnswer.objects.filter(check_row=check_id).select_related("file")[:limit])


def shown(scope: Scope, now: datetime, pk: int) -> Any:
    """Return the check with its shown state, for the page's badge."""
    return monitoring.get_check(scope, now, pk, RUN)
