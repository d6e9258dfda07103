"""What runs by itself, what is next, what was left undone."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.timing import queries
from taxops.systems.quality5c.timing.models import TimedRun

pytestmark = pytest.mark.django_db


def test_the_plan_names_next_last_and_overdue(shipped: None, now: datetime) -> None:
    assert queries.plan(now) == []
    SchemeTemplate.objects.filter(code="county-month").update(timing="trial")
    (one,) = queries.plan(
        now
    )  # 2026-06-01: the levy period of April's month after ended on 2026-05-22 at the latest
    due = str(queries.due_of(one.template, now).period)
    assert (due, one.overdue, one.last) == ("2026-03", "2026-03", None)
    assert str(one.next.period) == "2026-04"
    run = TimedRun.objects.create(template=one.template, period=due, timing="trial", state="failed", at=now)
    assert queries.plan(now)[0].overdue == "2026-03", "what failed is still to do"
    TimedRun.objects.update(state="done")
    (one,) = queries.plan(now)
    assert (one.overdue, one.last) == ("", run)
    assert queries.find_timed(one.template.pk) == one.template
    SchemeTemplate.objects.update(is_active=False)
    assert queries.find_timed(one.template.pk) is None
