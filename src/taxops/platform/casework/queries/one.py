"""One case (事项详情): everything its page shows, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from taxops.engines.base import NotFound, Scope
from taxops.engines.cases import Case as Folded
from taxops.engines.cases import CaseType, Event, Face, Phase, Transition, faces, fold, offered
from taxops.platform.casework import history, registry
from taxops.platform.casework.models import Case, CaseAttachment, CaseEscalation, CaseLink, CaseWatch
from taxops.platform.casework.rules import LinkKind

from .seeing import roles_of, visible


def find(scope: Scope, pk: int) -> Case | None:
    """Return one case, or None outside the scope."""
    return (
        Case.objects.filter(visible(scope), pk=pk)
        .select_related("org", "assignee", "opened_by", "merged_into")
        .first()
    )


def get(scope: Scope, pk: int) -> Case:
    """Return one case.

    Raises:
        NotFound: there is none within the scope.
    """
    found = find(scope, pk)
    if found is None:
        raise NotFound("没有这个事项，或它不在您的查看范围内。", "请从列表进入。")
    return found


def by_number(scope: Scope, number: str) -> Case:
    """Return the case of that number.

    Raises:
        NotFound: there is none within the scope.
    """
    found = Case.objects.filter(visible(scope), number=number.strip().upper()).select_related("org").first()
    if found is None:
        raise NotFound(f"没有编号为「{number[:30]}」的事项。", "请核对编号。")
    return found


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its history and what follows from it (事项全貌).

    Args:
        steps: what the reader may try now, by his roles and the case's state.
        facts: `(label, words)` of what is said of the case: what it was opened with first, then as in the type.
    """

    case: Case
    kind: CaseType
    events: list[Event]
    folded: Folded
    clocks: list[Face]
    steps: list[Transition]
    facts: list[tuple[str, str]]


def kind_of(case: Case) -> CaseType:
    """Return the type version a case stands under."""
    return registry.version(case.type, case.policy)


def view(scope: Scope, case: Case, now: datetime) -> CaseView:
    """Return a case with its history, clocks at `now` and the steps this reader may take; three queries."""
    kind = kind_of(case)
    events = history.load(case)
    folded = fold(events)
    at = history.seconds(now)
    roles = roles_of(scope, kind, case.org.path)
    first = [asked.code for asked in kind.opening]
    order = [*first, *(code for code in kind.fields if code not in first)]
    facts = [
        (kind.fields[code].label, registry.worded(kind.fields[code], folded.data[code]))
        for code in order
        if folded.data.get(code) not in (None, "", []) and _is_fact(kind, folded, code)
    ]
    return CaseView(
        case,
        kind,
        events,
        folded,
        faces(kind, events, registry.calendars(case.org.path), at),
        offered(kind, folded, roles),
        facts,
    )


def _is_fact(kind: CaseType, folded: Folded, code: str) -> bool:
    """Test whether a field is said of the case; words of one step are history, but for what it waits for now."""
    state = kind.states.get(folded.state)
    waits = state is not None and state.phase is Phase.WAITING
    return not kind.fields[code].each or (waits and code.startswith("wait_"))


def attachments(case: Case) -> list[CaseAttachment]:
    """Return a case's attachments that were not removed, with their files; one query."""
    rows = CaseAttachment.objects.filter(case=case, removed_at=None)
    return list(rows.select_related("file__uploaded_by"))


def escalations_of(case: Case) -> list[CaseEscalation]:
    """Return who was told of which clock when (升级记录)."""
    return list(CaseEscalation.objects.filter(case=case))


def links(scope: Scope, case: Case) -> list[tuple[str, Case]]:
    """Return a case's links in words, both ways, with the other case; only those within the scope; one query."""
    rows = CaseLink.objects.filter(Q(source=case) | Q(target=case)).select_related("source", "target")
    pairs = [(row, row.target if row.source_id == case.pk else row.source) for row in rows]
    seen = set(
        Case.objects.filter(visible(scope), pk__in=[other.pk for _, other in pairs]).values_list(
            "pk", flat=True
        )
    )
    back = {"duplicate": "被重复", "parent": "包含", "caused_by": "引起", "related": "相关"}
    return [
        (LinkKind.label_of(row.kind) if row.source_id == case.pk else back[row.kind], other)
        for row, other in pairs
        if other.pk in seen
    ]


def is_watched(scope: Scope, case: Case) -> bool:
    """Test whether the actor watches a case."""
    return CaseWatch.objects.filter(case=case, person=scope.actor_id or 0).exists()


def comments(events: list[Event]) -> list[dict[str, Any]]:
    """Return the comments of a history, newest first."""
    found = [
        {"at": history.instant(e.at), "who": e.actor_name, "text": str(e.data.get("text", ""))}
        for e in events
        if e.kind == "note"
    ]
    return found[::-1]
