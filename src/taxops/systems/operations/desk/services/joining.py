"""Merging and linking by number (合并、关联)."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import BadInput, Scope
from taxops.platform.casework import queries, services
from taxops.platform.casework.models import Case
from taxops.systems.operations.desk.words import Joining


def join(scope: Scope, *, now: datetime, case_id: int, how: str, number: str, reason: str = "") -> Case:
    """Say what a case has to do with the one of that number, or merge it into it; return the other one.

    Raises:
        NotFound: one of them is not within the scope.
        BadInput, Conflict, NotPermitted: as casework says.
    """
    if how not in {j.value for j in Joining}:
        raise BadInput("没有这种关联方式。", field="how")
    other = queries.by_number(scope, number)
    if how == Joining.MERGE:
        services.merge(scope, now=now, case_id=case_id, into_id=other.pk, reason=reason)
    else:
        services.link(scope, now=now, source_id=case_id, kind=how, target_id=other.pk)
    return other
