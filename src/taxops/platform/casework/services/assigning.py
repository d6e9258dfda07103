"""Assigning and handing on (分派与移交): to a person, to a queue, always with a reason when it changes hands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.engines.cases import Phase
from taxops.platform.audit import services as audit
from taxops.platform.casework.models import Case
from taxops.platform.casework.rules import QUEUES
from taxops.platform.identity.models import Person
from taxops.platform.identity.queries import people_with

from . import telling
from .keeping import locked
from .talking import add

LEAD = "cases.lead"


def assign(
    scope: Scope,
    *,
    now: datetime,
    case_id: int,
    to: int | None = None,
    queue: str | None = None,
    reason: str = "",
    version: int | None = None,
) -> Case:
    """Give a case to a person (分派), to another queue (移交), or back to its queue (`to` None).

    Taking an unassigned case of one's own queue needs no reason; everything else does.

    Raises:
        NotFound: no such case within the scope.
        NotPermitted: the actor neither leads nor works on the queue, or the person may not work on it.
        BadInput: no such queue, a missing reason.
        Conflict: it is closed, or somebody was faster.
    """
    with transaction.atomic():
        case = locked(scope, case_id, version)
        target = case.queue if queue is None else queue
        if target and target not in QUEUES:
            raise BadInput(f"没有队列「{target[:20]}」。", "请重新选择。", field="queue")
        if case.phase == Phase.CLOSED.value:
            raise Conflict("事项已办结，不能再分派。", "如需继续办理，请先重开。")
        works = case.queue in QUEUES and scope.allows(QUEUES.get(case.queue).permission, case.org.path)
        mine = case.assignee_id is not None and case.assignee_id == scope.actor_id
        if not (scope.is_system or works or mine or scope.allows(LEAD, case.org.path)):
            raise NotPermitted("您不能分派这个事项。", "请由本队列的人员或项目经理分派。")
        picks_up = (
            case.assignee_id is None and to is not None and to == scope.actor_id and target == case.queue
        )
        if not picks_up and not reason.strip():
            raise BadInput("请写明移交或分派的原因。", field="reason")
        if to is not None:
            _may_work(case, target, to, now)
        before = {"assignee": case.assignee_id, "queue": case.queue}
        add(case, scope, now, "assign", {"to": to, "queue": target, "reason": reason.strip()[:500]})
        if to is None and target != before["queue"]:
            telling.handed(scope, case, now, reason)
        elif to != scope.actor_id:
            telling.assigned(scope, case, now, reason)
        audit.record(
            scope, now=now, action="case.assign", kind="case", object_id=case.pk, label=str(case),
            before=before, after={"assignee": to, "queue": target, "reason": reason.strip()[:200]},
            org_path=case.org.path,
        )  # fmt: skip
    return case


def _may_work(case: Case, queue: str, person: int, now: datetime) -> None:
    """Do nothing when a person may work on the queue at the case's organisation.

    Raises:
        NotPermitted: he may not.
    """
    if queue not in QUEUES:
        if not Person.objects.filter(pk=person, is_active=True).exists():
            raise NotPermitted("没有这个人员。", "请重新选择。")
        return
    if not people_with(QUEUES.get(queue).permission, case.org.path, now=now).filter(pk=person).exists():
        raise NotPermitted(
            f"此人没有办理「{QUEUES.get(queue).label}」的权限。", "请选择有权限的人员，或先授权。"
        )


def hand_on(scope: Scope, *, now: datetime, case: Case, queue: str, reason: str) -> None:
    """Put a locked case into another queue, unassigned, as part of a step that was permitted (随流转移交)."""
    add(case, scope, now, "assign", {"to": None, "queue": queue, "reason": reason[:500]})
    telling.handed(scope, case, now, reason)
