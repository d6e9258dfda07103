"""Lists of cases (事项列表): constant numbers of queries, on indexes, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from taxops.engines.base import Scope
from taxops.engines.cases import Phase
from taxops.platform.casework.models import Case
from taxops.platform.casework.rules import QUEUES, Queue
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within

from .seeing import VIEW, visible

OPEN = (Phase.OPEN.value, Phase.WAITING.value)


def list_cases(scope: Scope) -> QuerySet[Case]:
    """Return the cases within the scope, newest first, with organisation and assignee."""
    return Case.objects.filter(visible(scope)).select_related("org", "assignee").defer("data", "sought")


def due_first(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Return cases by what breaches next (先到期的在前); those without a running clock last."""
    return rows.order_by("due_sort", "opened_at", "pk")


def my_queues(scope: Scope) -> list[Queue]:
    """Return the queues that an actor works on."""
    return [queue for _, queue in QUEUES.items() if scope.has(queue.permission)]


def my_work(scope: Scope, now: datetime) -> QuerySet[Case]:  # noqa: ARG001 -- what is due is a column
    """Return what is mine to do (我的工作): assigned to me, or unassigned in my queues; what breaches next first."""
    mine = Q(assignee=scope.actor_id) if scope.actor_id is not None else Q(pk__in=())
    for queue in my_queues(scope):
        paths = scope.paths(queue.permission)
        where = Q()
        if "" not in paths:
            for path in paths:
                where |= Q(org__path__startswith=path)
        mine |= Q(queue=queue.code, assignee=None) & where
    return list_cases(scope).filter(mine, is_open=True).order_by("due_sort", "opened_at", "pk")


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How a queue stands (队列概况)."""

    queue: Queue
    n_open: int
    n_unassigned: int
    n_over: int


def queue_counts(scope: Scope, now: datetime) -> list[QueueCount]:
    """Return every queue's numbers within the scope; two queries, on an index alone."""
    allowed = set(OrgUnit.objects.filter(within(scope, VIEW, "path")).values_list("pk", flat=True))
    rows = (
        Case.objects.filter(is_open=True)
        .order_by()
        .values("queue", "org")
        .annotate(
            n=Count("pk"),
            free=Count("pk", filter=Q(assignee=None)),
            over=Count("pk", filter=Q(due_sort__lt=now)),
        )
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["org"] in allowed:
            sums = found.setdefault(row["queue"], [0, 0, 0])
            for n, more in enumerate((row["n"], row["free"], row["over"])):
                sums[n] += more
    return [QueueCount(queue, *found.get(code, (0, 0, 0))) for code, queue in QUEUES.items()]


def tone_at(case: Case, now: datetime) -> str:
    """Return the colour of a case's most urgent clock (时限颜色), from cached instants: no history is read."""
    if case.phase == Phase.WAITING.value and case.due_at is None:
        return "paused"
    if case.phase not in OPEN or case.due_at is None:
        return "over" if case.breached else "met"
    if case.due_at <= now:
        return "over"
    return "near" if case.near_at is not None and case.near_at <= now else "fine"


def open_with(fingerprint: str, types: Iterable[str]) -> Case | None:
    """Return the open case of a problem (同一指纹的在办事项), or None; whoever asks."""
    return (
        Case.objects.filter(fingerprint=fingerprint, type__in=list(types), phase__in=OPEN)
        .select_related("org")
        .order_by("opened_at")
        .first()
    )


__all__ = [
    "OPEN",
    "VIEW",
    "QueueCount",
    "due_first",
    "list_cases",
    "my_queues",
    "my_work",
    "open_with",
    "queue_counts",
    "tone_at",
]
