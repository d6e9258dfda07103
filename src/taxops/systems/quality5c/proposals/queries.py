"""What proposals can be asked (提议查询): a unit sees its own and those below it, the province all."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.identity.queries import within
from taxops.systems.quality5c.definitions import queries as indicators
from taxops.systems.quality5c.definitions.models import Indicator
from taxops.systems.quality5c.definitions.rules import Difference, differences
from taxops.systems.quality5c.definitions.shipped import data_of

from .models import Proposal
from .rules import ProposalState, copied, free_code

VIEW = "quality5c.view"
EDIT = "quality5c.edit"


def proposals(scope: Scope) -> QuerySet[Proposal]:
    """Return the proposals of the units within the scope; drafts only to who writes them."""
    found = Proposal.objects.filter(within(scope, VIEW)).select_related("org", "version__indicator")
    return found.filter(~Q(state=ProposalState.DRAFT) | Q(author_id=scope.actor_id))


def find_proposal(scope: Scope, pk: int) -> Proposal | None:
    """Return one proposal."""
    return proposals(scope).filter(pk=pk).first()


def waiting(scope: Scope) -> list[Proposal]:
    """Return the proposals that wait for the province, the longest waiting first (待审)."""
    rows = proposals(scope).filter(state=ProposalState.SUBMITTED)
    return list(rows.order_by("submitted_at", "pk"))


def units(scope: Scope) -> Sequence[OrgUnit]:
    """Return the cities and counties for which this person may propose, those he is of first."""
    rows = OrgUnit.objects.filter(
        within(scope, EDIT, "path"), valid_to=None, level__in=["city", "county"]
    ).order_by("path")
    return list(rows)


def outline(code: str, fallback: str) -> tuple[str, str]:
    """Return what a proposal begins with: a copy of an indicator under a free code, or an outline; and the code.

    Args:
        code: the indicator to copy; empty or unknown: the outline.
        fallback: the outline, whose code is `G001`.
    """
    drafted = Proposal.objects.exclude(state__in=[ProposalState.WITHDRAWN, ProposalState.REJECTED])
    taken = {*Indicator.objects.values_list("code", flat=True), *drafted.values_list("code", flat=True)}
    fresh, text = free_code(taken), indicators.current_text(code) if code else ""
    return (copied(text, code, fresh) if text else copied(fallback, "G001", fresh)), fresh


def changes_of(proposal: Proposal) -> list[Difference]:
    """Return what a proposal changes against the indicator it was copied from; nothing for one made from scratch."""
    old = indicators.current_text(proposal.copied_from) if proposal.copied_from else ""
    return differences(data_of(old), data_of(proposal.text)) if old else []
