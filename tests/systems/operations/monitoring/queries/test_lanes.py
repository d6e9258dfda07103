"""Lanes of a system's time: what falls into the span, worst first, a fixed number of queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import queries
from taxops.systems.operations.monitoring.models import MonitoredSystem
from taxops.systems.operations.monitoring.views.timeline import bounds
from tests.systems.operations.monitoring.conftest import Reporter

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_lanes_hold_what_falls_into_the_span(
    root: Scope, system: MonitoredSystem, make_check: Any, reporter: Reporter, now: datetime
) -> None:
    fine, bad = make_check("好"), make_check("坏")
    reporter.run(fine, "...")
    reporter.run(bad, "!!!..", start=1)
    end = now + timedelta(hours=1)
    found = queries.lanes(root, end, system, now, end)
    assert [(check.name, n) for check, _, n in found.checks] == [("坏", 1), ("好", 0)]
    assert found.checks[0][1].down_s == 30
    assert found.own.down_s == 30
    assert len(found.outages) == 2
    later = queries.lanes(root, end, system, now + timedelta(minutes=5), end)
    assert not later.outages
    assert later.own.down_s == 0
    with CaptureQueriesContext(connection) as first:
        queries.lanes(root, end, system, now, end)
    for n in range(5):
        reporter.run(make_check(f"多{n}"), "!!!", start=2 + n)
    with CaptureQueriesContext(connection) as second:
        assert len(queries.lanes(root, end, system, now, end).checks) == 7
    assert len(second) == len(first)


def test_weeks_begin_on_monday_and_months_end_where_the_next_begins() -> None:
    day = date(2026, 12, 31)
    assert [str(d) for d in bounds("day", day)] == ["2026-12-31", "2027-01-01"]
    assert [str(d) for d in bounds("week", day)] == ["2026-12-28", "2027-01-04"]
    assert [str(d) for d in bounds("month", day)] == ["2026-12-01", "2027-01-01"]
