"""Telling people of a case (事项通知): those who work on its queue, its assignee, those who watch it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from taxops.engines.base import Scope
from taxops.engines.cases import CaseType, Event, meets
from taxops.platform.casework import registry
from taxops.platform.casework.models import Case, CaseWatch
from taxops.platform.casework.rules import QUEUES
from taxops.platform.notify import services as notify


def link_of(case: Case) -> str:
    """Return the address of a case's page."""
    return f"/operations/cases/{case.pk}/"


def _tell(
    scope: Scope,
    case: Case,
    now: datetime,
    people: Iterable[int],
    title: str,
    *,
    key: str,
    body: str = "",
    severity: str = "info",
) -> None:
    wanted = sorted(set(people) - {scope.actor_id or 0})
    if wanted:
        notify.tell(
            scope,
            now=now,
            people=wanted,
            title=title,
            body=body,
            link=link_of(case),
            severity=severity,
            key=f"case-{case.pk}-{key}",
            org_path=case.org.path,
            broadcast=False,
        )


def opened(scope: Scope, case: Case, kind: CaseType, now: datetime) -> None:
    """Tell those who work on the queue that a case waits there."""
    _to_queue(scope, case, now, f"新{kind.label}：{case.title}", key="open", body=case.number)


def handed(scope: Scope, case: Case, now: datetime, reason: str) -> None:
    """Tell those who work on the queue that a case was handed to them (移交)."""
    if case.queue in QUEUES:
        title = f"转{QUEUES.get(case.queue).label}：{case.number} {case.title}"
        _to_queue(scope, case, now, title, key=f"q{case.version}", body=reason[:400], least="warning")


def _to_queue(
    scope: Scope, case: Case, now: datetime, title: str, *, key: str, body: str, least: str = "info"
) -> None:
    """Tell those who work on a case's queue and are on duty, urgently when the case is."""
    if case.queue not in QUEUES:
        return
    people = registry.escalated(QUEUES.get(case.queue).permission, case.org.path, now)
    kind = registry.version(case.type, case.policy)
    urgent = bool(kind.urgent_when) and all(meets(c, case.data) for c in kind.urgent_when)
    _tell(scope, case, now, people, title, key=key, body=body, severity="critical" if urgent else least)


def moved(scope: Scope, case: Case, kind: CaseType, event: Event, now: datetime) -> None:
    """Tell assignee and watchers what happened; what the platform did to a case that is nobody's, its queue too."""
    label = str(event.data.get("label") or kind.transitions[str(event.data["step"])].label)
    people = [*watchers(case), *([case.assignee_id] if case.assignee_id else [])]
    if event.actor_id is None and case.assignee_id is None and case.queue in QUEUES:
        people += registry.escalated(QUEUES.get(case.queue).permission, case.org.path, now)
    _tell(scope, case, now, people, f"{case.number} {label}：{case.title}", key=f"e{event.seq}")


def assigned(scope: Scope, case: Case, now: datetime, reason: str) -> None:
    """Tell the new assignee."""
    if case.assignee_id:
        _tell(
            scope, case, now, [case.assignee_id], f"分派给您：{case.number} {case.title}",
            key=f"a{case.version}", body=reason, severity="warning",
        )  # fmt: skip


def commented(scope: Scope, case: Case, now: datetime, text: str, called: Iterable[int]) -> None:
    """Tell those whom a comment calls, as a warning, and watchers and assignee, as information."""
    named = set(called)
    _tell(
        scope, case, now, named, f"{scope.actor_name}在 {case.number} 中提到您", key=f"m{case.version}",
        body=text[:400], severity="warning",
    )  # fmt: skip
    others = {*watchers(case), *([case.assignee_id] if case.assignee_id else [])} - named
    _tell(scope, case, now, others, f"{case.number} 有新留言", key=f"c{case.version}", body=text[:400])


def due(case: Case, label: str, percent: int, people: Iterable[int], now: datetime) -> None:
    """Tell people that a clock has come this far (升级通知)."""
    words = "已到期" if percent == 100 else "已超时" if percent > 100 else f"已用去 {percent}%"
    _tell(
        Scope.system("时限升级"), case, now, people, f"{case.number} {label}{words}：{case.title}",
        key=f"due-{label}-{percent}-{case.reopened}-{case.version}",
        severity="critical" if percent >= 100 else "warning",
    )  # fmt: skip


def untaken(case: Case, percent: int, waited: int, people: Iterable[int], now: datetime) -> None:
    """Tell the next people that nobody has taken a case (无人接手): `waited` seconds since it was entered."""
    _tell(
        Scope.system("时限升级"), case, now, people, f"{case.number} {waited // 60} 分钟无人接手：{case.title}",
        key=f"untaken-{percent}-{case.version}", body="请立即受理，或转告应接手的人员。", severity="critical",
    )  # fmt: skip


def watchers(case: Case) -> list[int]:
    """Return who watches a case."""
    return list(CaseWatch.objects.filter(case=case).values_list("person_id", flat=True))
