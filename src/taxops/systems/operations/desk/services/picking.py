"""Taking several waiting cases at once (批量领取): each for itself, so that one that is gone stops none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from taxops.engines.base import Scope, TaxopsError
from taxops.platform.casework import queries as casework
from taxops.platform.casework import services


def pick_up(scope: Scope, *, now: datetime, case_ids: Sequence[int]) -> tuple[int, list[str]]:
    """Give waiting cases to the actor (领取); return how many, and the numbers of those he did not get.

    A case that has somebody already, is closed, or waits in a queue the actor does not work on stays as it is.
    """
    taken, lost = 0, []
    for pk in case_ids:
        case = casework.find(scope, pk)
        if case is None:
            continue  # out of sight: not even its number is told
        if case.assignee_id is not None:
            lost.append(case.number)
            continue
        try:
            services.assign(scope, now=now, case_id=pk, to=scope.actor_id, version=case.version)
            taken += 1
        except TaxopsError:
            lost.append(case.number)
    return taken, lost


__all__ = ["pick_up"]
