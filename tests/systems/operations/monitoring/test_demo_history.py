"""The demonstration's invented month: marked, over, without overlaps, stored once and quickly."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.monitoring import demo_history, queries
from taxops.systems.operations.monitoring.models import Outage, Rollup5m, StateChange
from tests.systems.operations.monitoring.conftest import make_system

pytestmark = [pytest.mark.django_db, pytest.mark.same_everywhere]


def test_the_month_is_invented_and_says_so(root: Scope, top: OrgUnit, now: datetime, make_check: Any) -> None:
    system = make_system(root, top, now, "tysl")
    for code in ("tysl-health", "tysl-lb-b", "city-2201-line"):
        make_check(code, of=system, code=code, interval_s=30)
    made = demo_history.seed_history(now)
    assert made > 10
    outages = list(Outage.objects.all())
    assert all("演示历史" in o.cause and o.ended_at and o.ended_at < now for o in outages)
    assert Alert.objects.exclude(state="resolved").count() == 0
    assert StateChange.objects.filter(kind="outage_opened").count() == len(outages)
    for subject in ("check_row_id", "system_id"):
        spans: dict[int, list[tuple[datetime, datetime]]] = {}
        for o in outages:
            if getattr(o, subject) is not None and o.ended_at is not None:
                spans.setdefault(getattr(o, subject), []).append((o.started_at, o.ended_at))
        for found in spans.values():
            found.sort()
            assert all(a[1] < b[0] for a, b in pairwise(found))
    assert Rollup5m.objects.count() == 3 * (720 + 288 - 24)
    assert all(o.system_id is not None for o in outages if not o.check_row_id)
    assert queries.of_system(system, now)[-1].down_s > 0
    assert demo_history.seed_history(now) == 0
    assert Outage.objects.count() == len(outages)
