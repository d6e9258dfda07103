"""Who is on duty now, in the frame of every page (当前值班)."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import Scope
from taxops.systems.operations.roster import queries
from taxops.web.kit import slots


def now_on_duty(scope: Scope, now: datetime) -> slots.Duty | None:
    """Return who stands at the first post that is manned; None for those who do not see the roster."""
    if not scope.has(queries.VIEW):
        return None
    rows = queries.on_duty_now(scope, now)
    if not rows:
        return None
    first = rows[0][0]
    here = [person for post, person, _ in rows if post.pk == first.pk]
    return slots.Duty("、".join(p.display_name for p in here[:3]), here[0].phone, "roster-calendar")


slots.duty.fill(now_on_duty)
