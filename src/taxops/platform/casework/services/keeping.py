"""Keeping a case (事项保存): the one place that locks, appends, and renews the cached row and its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from taxops.engines.base import BadInput as Bad
from taxops.engines.base import Conflict, NotFound, NotPermitted, Scope, TaxopsError
from taxops.engines.cases import (
    Actor,
    CaseType,
    Event,
    Face,
    Phase,
    Refused,
    escalations,
    faces,
    fold,
    meets,
)
from taxops.engines.cases import Case as Folded
from taxops.platform.casework import history, registry, rules
from taxops.platform.casework.models import FAR, Case, CaseClock, CaseEscalation
from taxops.platform.casework.queries.seeing import roles_of, visible
from taxops.platform.live import services as live

TOPIC = "cases.changes"
CASE_TOPIC = "cases.case"
"""`cases.case.17` is heard by the pages of case 17 alone; `cases.changes` by lists of cases."""
DELIVERY_CALENDAR = "onsite7x12"
"""When notices that may wait go out (GX:437)."""

_DENIED = {"no_role", "same_person"}
_CONFLICTS = {"state", "void", "not_approved", "voted", "order", "not_yet", "outside", "too_soon"}


def error_of(refused: Refused) -> TaxopsError:
    """Return a refusal as the typed error that pages and the API know."""
    if refused.code in _DENIED:
        return NotPermitted(refused.what, refused.todo)
    if refused.code in _CONFLICTS:
        return Conflict(refused.what, refused.todo, field=refused.field or None)
    return Bad(refused.what, refused.todo, field=refused.field or None)


def actor_of(scope: Scope, kind: CaseType, path: str) -> Actor:
    """Return who acts, as the engine wants to know it; the platform itself has no id and may do everything."""
    if scope.is_system:
        return Actor(None, scope.actor_name)
    return Actor(scope.actor_id, scope.actor_name, roles_of(scope, kind, path))


def locked(scope: Scope, case_id: int, version: int | None = None) -> Case:
    """Return a case of the scope, locked until the transaction ends.

    Raises:
        NotFound: there is none within the scope.
        Conflict: it has moved on since `version` was seen.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(visible(scope), pk=case_id)
        .first()
    )
    if case is None:
        raise NotFound("没有这个事项，或它不在您的查看范围内。", "请从列表进入。")
    if version is not None and case.version != version:
        raise Conflict("这个事项刚刚有人办理过，您的操作没有保存。", "请刷新页面，看过最新情况后再办。")
    return case


def write(
    case: Case, kind: CaseType, past: Sequence[Event], new: Sequence[Event], now: datetime
) -> list[Event]:
    """Append new events and renew everything that is derived; return the whole history."""
    case.head = history.append(case, new)
    whole = [*past, *new]
    renew(case, kind, whole, now)
    case.save()
    tell_pages(case)
    return whole


def tell_pages(case: Case) -> None:
    """Let open pages know, after the commit, that this case changed."""
    said, key = {"case": case.pk}, f"case-{case.pk}"
    live.publish_many(
        [
            (f"{TOPIC}@{case.org.path}", said, key),
            (f"{CASE_TOPIC}.{case.pk}@{case.org.path}", said, key),
        ]
    )


def renew(case: Case, kind: CaseType, whole: Sequence[Event], now: datetime) -> Folded:
    """Set the cached fields and clocks of a case from its history; does not save the case itself."""
    folded = fold(whole)
    data = folded.data
    state = kind.states.get(folded.state)
    case.state = folded.state
    case.phase = (state.phase if state else Phase.OPEN).value
    case.data = dict(data)
    case.title = str(data.get("title") or kind.label)[:200]
    case.level = str(data.get("level") or "")[:20]
    case.channel = str(data.get("channel") or "")[:20]
    case.system = str(data.get("system") or "")[:60]
    case.requester = str(data.get("requester") or "")[:80]
    case.queue = folded.queue
    case.assignee_id = folded.assignee
    case.version = folded.last_seq
    case.policy = folded.policy
    case.reopened = folded.reopened
    case.opened_at = history.instant(folded.opened_at)
    case.updated_at = now
    case.closed_at = None
    if case.phase == Phase.CLOSED.value:
        case.closed_at = history.instant(folded.steps[-1].at)
    at = max(history.seconds(now), folded.opened_at)
    calendars = registry.calendars(case.org.path)
    found = faces(kind, whole, calendars, at)
    running = [f for f in found if f.state == "running" and f.deadline is not None]
    first = min(running, key=lambda f: f.deadline or 0, default=None)
    case.due_at = history.instant(first.deadline) if first and first.deadline is not None else None
    case.due_label = first.label if first else ""
    case.due_sort = case.due_at or FAR
    case.is_open = case.phase in (Phase.OPEN.value, Phase.WAITING.value)
    case.near_at = None
    if first is not None and first.deadline is not None:
        left = max(0, -(-first.target_seconds * 4 // 5) - first.elapsed_seconds)
        case.near_at = history.instant(_ahead(calendars, first.calendar, at, left))
    case.breached = any(f.breached and not f.inner for f in found)
    _clocks(case, kind, whole, folded, found, calendars, at, now)
    return folded


def _ahead(calendars: registry.Calendars, name: str, at: int, seconds: int) -> int:
    """Return the instant so many open seconds later; the instant itself when a year is unknown."""
    try:
        return calendars(name).add(at, seconds)
    except Bad:
        return at


def is_urgent(kind: CaseType, folded: Folded) -> bool:
    """Test whether notices of a case are never held (一、二级故障随时通知)."""
    return bool(kind.urgent_when) and all(meets(c, folded.data) for c in kind.urgent_when)


def _clocks(
    case: Case,
    kind: CaseType,
    whole: Sequence[Event],
    folded: Folded,
    found: Sequence[Face],
    calendars: registry.Calendars,
    at: int,
    now: datetime,
) -> None:
    """Replace the cached clocks, with the next rung of each that nobody was told of yet."""
    if not found and not kind.clocks:
        return
    told = set(
        CaseEscalation.objects.filter(case=case, turn=folded.reopened).values_list(
            "clock", "percent", "target_s"
        )
    )
    targets = {f.code: f.target_seconds for f in found}
    rungs: dict[str, tuple[int, int, str]] = {}
    if case.phase not in (Phase.CLOSED.value, Phase.DONE.value):
        for due in escalations(kind, whole, calendars, at):
            if (due.clock, due.percent, targets.get(due.clock)) not in told:
                rungs.setdefault(due.clock, (due.at, due.percent, due.to))
    held = calendars(DELIVERY_CALENDAR)
    urgent = is_urgent(kind, folded)
    rows = []
    for f in found:
        rung = rungs.get(f.code)
        rows.append(
            CaseClock(
                case=case,
                code=f.code,
                label=f.label,
                state=f.state.value,
                elapsed_s=f.elapsed_seconds,
                target_s=f.target_seconds,
                deadline=history.instant(f.deadline) if f.deadline is not None else None,
                breached=f.breached,
                computed_at=now,
                problem=f.problem[:300],
                next_at=history.instant(rules.delivered_at(rung[0], held, urgent=urgent)) if rung else None,
                next_percent=rung[1] if rung else None,
                next_to=rung[2] if rung else "",
            )
        )
    CaseClock.objects.filter(case=case).delete()
    CaseClock.objects.bulk_create(rows)
