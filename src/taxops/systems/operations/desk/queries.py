"""Reads of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from taxops.engines.base import NotFound, Scope
from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.platform.finding import queries as finding
from taxops.platform.identity.models import Person
from taxops.platform.identity.queries import within

from .models import CannedAnswer, Conference, FieldSheet
from .services.indexing import KIND

OPEN = "cases.open"
HANDLE = "cases.handle"


def similar_cases(scope: Scope, text: str, limit: int = 5) -> finding.Found:
    """Return the cases that resemble a text (相似事项)."""
    return finding.find_similar(scope, text, kinds={KIND: casework.VIEW}, limit=limit)


def numbers_of(found: finding.Found) -> dict[str, tuple[str, str]]:
    """Return number and state of found cases by id; one query."""
    ids = [int(hit.object_id) for hit in found.hits]
    rows = Case.objects.filter(pk__in=ids).values_list("pk", "number", "phase")
    return {str(pk): (number, phase) for pk, number, phase in rows}


def answers(scope: Scope) -> QuerySet[CannedAnswer]:
    """Return the canned answers in use within the actor's range, the most used first."""
    return CannedAnswer.objects.filter(within(scope, HANDLE), archived_at=None).select_related(
        "org", "changed_by"
    )


def answers_for(scope: Scope, text: str, limit: int = 6) -> list[CannedAnswer]:
    """Return the canned answers that may fit a text, else the most used; one query."""
    rows = list(answers(scope)[:200])
    words = {w for w in (text[n : n + 2] for n in range(len(text) - 1)) if w.strip()}
    scored = [(sum(w in f"{a.title}{a.body}" for w in words), a) for a in rows]
    return [a for _, a in sorted(scored, key=lambda pair: -pair[0])][:limit]


def get_answer(scope: Scope, pk: int) -> CannedAnswer:
    """Return one canned answer.

    Raises:
        NotFound: none within the actor's range.
    """
    found = answers(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这条常用答复，或不在您的管理范围内。", "请从列表进入。")
    return found


def staff_names() -> set[str]:
    """Return the names of our people, who answer in conversations (运维人员姓名)."""
    held = Q(assignments__role__permissions__icontains="cases.handle")
    return set(Person.objects.filter(held, is_active=True).values_list("display_name", flat=True))


def queue_rows(scope: Scope) -> QuerySet[Case]:
    """Return the open cases that wait in a queue, what breaches next first."""
    return casework.due_first(casework.list_cases(scope).filter(is_open=True).exclude(queue=""))


def conferences(scope: Scope) -> QuerySet[Conference]:
    """Return the conferences on cases within the actor's range, the latest first."""
    return Conference.objects.filter(within(scope, casework.VIEW, "case__org__path")).select_related(
        "case__org", "recorded_by"
    )


def my_field_work(scope: Scope) -> QuerySet[Case]:
    """Return the field cases that are mine to do: assigned to me, or dispatched to my name; next due first."""
    mine = Q(assignee=scope.actor_id or 0) | Q(data__engineer=scope.actor_name)
    rows = casework.list_cases(scope).filter(mine, type="field", phase__in=casework.OPEN)
    return casework.due_first(rows)


def field_case(scope: Scope, pk: int) -> Case:
    """Return one field case.

    Raises:
        NotFound: none within the actor's range, or of another type.
    """
    found = casework.find(scope, pk)
    if found is None or found.type != "field":
        raise NotFound("没有这个现场服务，或不在您的查看范围内。", "请从我的派工进入。")
    return found


def sheets_of(case: Case) -> QuerySet[FieldSheet]:
    """Return what was sent from the field for a case, the latest first."""
    return FieldSheet.objects.filter(case=case).select_related("person")


def facts_of(scope: Scope, case: Case, now: datetime) -> Any:
    """Return a case with its facts and steps, as casework shows it."""
    return casework.view(scope, case, now)
