"""Cases in the full-text index (事项检索): at the desk at once, all others by a job that looks for what changed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max

from taxops.platform.casework.models import Case
from taxops.platform.finding import services as finding
from taxops.platform.finding.models import IndexedText

KIND = "case"
_SAID = (
    "description",
    "answer",
    "impact",
    "solution",
    "cause",
    "work_done",
    "remote_result",
    "hall",
    "requester",
)
_BATCH = 500
_AGAIN = timedelta(minutes=2)


def index_case(case: Case) -> None:
    """Bring a case's entry up to date."""
    said = [str(case.data[name]) for name in _SAID if case.data.get(name)]
    finding.put(
        KIND,
        case.pk,
        title=case.title,
        body="\n".join([case.number, *said]),
        at=case.updated_at,
        org_path=case.org.path,
        facet=case.type,
    )


def index_changed(most: int = _BATCH) -> int:
    """Index the cases that changed since the last that is indexed; return how many.

    What was written two minutes before is looked at again: another process may have committed late.
    """
    last = IndexedText.objects.filter(kind=KIND).aggregate(at=Max("at"))["at"]
    rows = Case.objects.select_related("org").order_by("updated_at", "pk")
    if last is not None:
        rows = rows.filter(updated_at__gt=last - _AGAIN)
    known = dict(
        IndexedText.objects.filter(kind=KIND, at__gt=last - _AGAIN).values_list("object_id", "at")
        if last
        else ()
    )
    n = 0
    for case in rows[:most]:
        if known.get(str(case.pk)) != case.updated_at:
            index_case(case)
            n += 1
    return n
