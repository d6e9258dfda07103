"""Duties: most urgent first, a fixed number of queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.systems.operations.manual import queries
from taxops.systems.operations.manual.models import ManualAnswer

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_the_most_urgent_comes_first_at_a_fixed_cost(root: Scope, make_check: Any, now: datetime) -> None:
    def duty(name: str, hours: int) -> Any:
        return make_check(name, kind="manual", params={"every_s": hours * 3600, "grace_s": 3600})

    duty("年检", 8000)
    duty("日检", 24)
    done = duty("周检", 168)
    later = now + timedelta(hours=30)
    ManualAnswer.objects.create(check_row=done, fact_at=later, entered_at=later, by_name="甲", answer="ok")
    assert [d.check.name for d in queries.duties(root, later)] == ["日检", "年检", "周检"]
    with CaptureQueriesContext(connection) as first:
        queries.duties(root, later)
    for n in range(5):
        duty(f"多{n}", 24)
    with CaptureQueriesContext(connection) as second:
        assert len(queries.duties(root, later)) == 8
    assert len(first) == len(second) == 1
    assert next(d.check.name for d in queries.overdue(later)) == "日检"
