"""What deliverables can be asked (交付物查询); the scope is always an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from taxops.engines.base import CHINA, NotFound, Scope
from taxops.engines.documents import Frozen, thaw
from taxops.platform.identity.queries import within

from .models import Deliverable, DeliverableVersion

VIEW = "monitoring.view"


def list_deliverables(scope: Scope) -> QuerySet[Any]:  # annotated columns, unknown to the stubs
    """Return the papers within the actor's range, the latest day first, with their present version."""
    present = DeliverableVersion.objects.filter(deliverable=OuterRef("pk")).order_by("-version")
    return (
        Deliverable.objects.filter(within(scope, VIEW))
        .select_related("org")
        .annotate(
            made_at=Subquery(present.values("made_at")[:1]),
            digest=Subquery(present.values("digest")[:1]),
            why=Subquery(present.values("why")[:1]),
        )
        .order_by("-day", "org__path")
    )


def get_deliverable(scope: Scope, pk: int) -> Any:
    """Return one paper.

    Raises:
        NotFound: none within the actor's range.
    """
    found = list_deliverables(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份交付物。", "它可能不在您的管理范围内。")
    return found


def versions_of(deliverable: Deliverable) -> list[DeliverableVersion]:
    """Return a paper's versions, the latest first, with files and signatures; two queries."""
    return list(
        DeliverableVersion.objects.filter(deliverable=deliverable)
        .select_related("docx", "pdf", "deliverable__org")
        .prefetch_related("signatures__person")
        .order_by("-version")
    )


def get_version(scope: Scope, pk: int, version: int) -> DeliverableVersion:
    """Return one version of a paper.

    Raises:
        NotFound: none within the actor's range.
    """
    found = (
        DeliverableVersion.objects.filter(
            within(scope, VIEW, "deliverable__org__path"), deliverable=pk, version=version
        )
        .select_related("docx", "pdf", "deliverable__org")
        .prefetch_related("signatures__person")
        .first()
    )
    if found is None:
        raise NotFound("没有这个版本。", "它可能不在您的管理范围内。")
    return found


def inputs_of(version: DeliverableVersion) -> dict[str, Any]:
    """Return a version's frozen inputs, checked against their digest.

    Raises:
        BadInput: they were changed.
    """
    found = thaw(Frozen(version.inputs, version.digest))
    assert isinstance(found, dict)
    return found


def papers_of_days(start: datetime, end: datetime) -> list[Deliverable]:
    """Return the papers of the local days that `[start, end)` touches, earliest first."""
    first = start.astimezone(CHINA).date()
    last = (end - timedelta(microseconds=1)).astimezone(CHINA).date()
    rows = Deliverable.objects.filter(day__gte=first, day__lte=last, latest__gt=0)
    return list(rows.select_related("org").order_by("day", "pk"))
