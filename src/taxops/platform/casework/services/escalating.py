"""Escalation (升级) at parts of the working time, and renewing what is cached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from taxops.engines.base import Scope
from taxops.platform.casework import history, registry
from taxops.platform.casework.models import Case, CaseClock, CaseEscalation
from taxops.platform.jobs.services import enqueue

from . import telling
from .keeping import locked, renew

_BATCH = 500
_SCOPE = Scope.system("时限升级")


def escalate(*, now: datetime, limit: int = _BATCH) -> int:
    """Tell the people of every rung that has come due (时限升级); return how many rungs; harmless to repeat.

    A rung is told once for a clock, target and reopening; what fell due while nobody ran this is told now.
    """
    due = list(
        CaseClock.objects.filter(next_at__lte=now)
        .order_by("next_at")
        .values_list("case_id", flat=True)[:limit]
    )
    return sum(_one(case_id, now) for case_id in dict.fromkeys(due))


def _one(case_id: int, now: datetime) -> int:
    with transaction.atomic():
        case = locked(_SCOPE, case_id)
        kind = registry.version(case.type, case.policy)
        whole = history.load(case)
        told = 0
        for _ in range(sum(len(clock.ladder or kind.ladder) for clock in kind.clocks)):
            renew(case, kind, whole, now)
            clock = CaseClock.objects.filter(case=case, next_at__lte=now).order_by("next_at").first()
            if clock is None or clock.next_percent is None or clock.next_at is None:
                break
            people = _people(case, clock.next_to, now)
            CaseEscalation.objects.create(
                case=case,
                clock=clock.code,
                percent=clock.next_percent,
                target_s=clock.target_s,
                turn=case.reopened,
                to=clock.next_to,
                due_at=clock.next_at,
                told_at=now,
                people=people,
            )
            own = next((c for c in kind.clocks if c.code == clock.code and c.ladder), None)
            if own is None:
                telling.due(case, clock.label, clock.next_percent, people, now)
            else:
                waited = clock.target_s * clock.next_percent // 100
                telling.untaken(case, clock.next_percent, waited, people, now)
            told += 1
        case.save()
    return told


def _people(case: Case, to: str, now: datetime) -> list[int]:
    """Return whom a rung means: the assignee, or those who hold the named permission and are on duty."""
    if to == "assignee" and case.assignee_id is not None:
        return [case.assignee_id]
    wanted = "cases.handle" if to == "assignee" else to
    return sorted(set(registry.escalated(wanted, case.org.path, now)))


def rebuild(case_id: int, *, now: datetime) -> Case:
    """Renew a case's cached row and clocks from its history alone (重建)."""
    with transaction.atomic():
        case = locked(_SCOPE, case_id)
        whole = history.load(case)
        opening = next(e for e in whole if e.kind == "open")
        kind = registry.version(str(opening.data["type"]), str(opening.data["policy"]))
        case.type = kind.code
        case.opened_by_id = opening.actor_id
        renew(case, kind, whole, now)
        case.save()
    return case


def ask_renewal(path: str, *, now: datetime) -> None:
    """Ask for the clocks of an organisation's open cases to be computed again (重算时限), in the caller's transaction.

    For rooms that change a calendar: what the clocks say follows at once, what is cached of them by this.
    """
    enqueue("casework.renew", {"path": path}, scope=_SCOPE, now=now)


def renew_open(path: str, *, now: datetime, check: Callable[[], None] = lambda: None) -> int:
    """Renew the cached clocks of the open cases of an organisation and below; harmless to repeat.

    Args:
        check: called before each case, so that a job can show life and be stopped.
    """
    rows = Case.objects.filter(is_open=True, org__path__startswith=path).order_by("pk")
    number = 0
    for case_id in list(rows.values_list("pk", flat=True)):
        check()
        with transaction.atomic():
            case = locked(_SCOPE, case_id)
            renew(case, registry.version(case.type, case.policy), history.load(case), now)
            case.save()
        number += 1
    return number
