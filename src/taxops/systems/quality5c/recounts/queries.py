"""What recounts can be asked (核算查询); everybody sees his own only, and of a try the units of his scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.platform.jobs import queries as jobs
from taxops.platform.jobs.rules import OPEN
from taxops.systems.quality5c.definitions.models import IndicatorResult, IndicatorVersion

from .models import Recount
from .rules import Line, lines_of
from .words import RecountKind

VIEW = "quality5c.view"


def recounts(scope: Scope, now: datetime) -> QuerySet[Recount]:
    """Return the asker's own recounts that have not expired, newest first."""
    return Recount.objects.filter(author_id=scope.actor_id, expires_at__gt=now).select_related(
        "version__indicator", "against", "org", "figure__org"
    )


def tries(scope: Scope, now: datetime) -> QuerySet[Recount]:
    """Return the asker's own tries, without their results."""
    return recounts(scope, now).filter(kind=RecountKind.TRY).defer("result")


def find_try(scope: Scope, pk: int, now: datetime) -> Recount | None:
    """Return one of the asker's own tries."""
    return recounts(scope, now).filter(kind=RecountKind.TRY, pk=pk).first()


def finished_tries(scope: Scope, now: datetime) -> QuerySet[Recount]:
    """Return the asker's own tries that came to a result of a version that was not changed since."""
    return tries(scope, now).filter(done_at__isnull=False, error="")


def latest_explanation(scope: Scope, figure: IndicatorResult, now: datetime) -> Recount | None:
    """Return the asker's newest explanation of a figure."""
    return recounts(scope, now).filter(kind=RecountKind.EXPLAIN, figure=figure).first()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a recount is (核算进展)."""

    is_open: bool
    percent: int | None = None
    text: str = ""
    error: str = ""


def standing(scope: Scope, recount: Recount) -> Standing:
    """Return how far a recount is, from its job."""
    if recount.done_at is not None:
        return Standing(False, error=recount.error)
    try:
        run = jobs.get_run(scope, recount.run)
    except NotFound:
        return Standing(False, error="后台作业已不在，请重新发起。")
    if run.state in OPEN:
        return Standing(True, round(100 * run.done / run.total) if run.total else None, run.text or "排队中")
    return Standing(False, error=run.error or "后台作业没有完成，请重新发起。")


def lines(scope: Scope, recount: Recount, level: str) -> list[tuple[OrgUnit, Line]]:
    """Return the units of a level within the scope with their lines; one query."""
    kept = {line.org: line for line in lines_of((recount.result or {}).get("lines", []))}
    units = OrgUnit.objects.filter(within(scope, VIEW, "path"), pk__in=list(kept), level=level)
    return [(u, kept[u.pk]) for u in units.order_by("path")]


def versions_beside(version: IndicatorVersion) -> Sequence[IndicatorVersion]:
    """Return the versions of the same indicator that a version can be compared with, what counts now first."""
    rows = IndicatorVersion.objects.filter(indicator=version.indicator_id).exclude(pk=version.pk)
    return sorted(rows, key=lambda v: (v.state != "live", -v.number))
