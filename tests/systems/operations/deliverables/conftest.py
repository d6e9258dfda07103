"""What the tests of deliverables share: a day with an outage, reported by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import ingest
from tests.systems.operations.availability.conftest import asking, deciding  # noqa: F401  # fixtures
from tests.systems.operations.monitoring.conftest import (  # noqa: F401  # fixtures
    MakeCheck,
    Reporter,
    bureau,
    engineer,
    make_check,
    province,
    reporter,
    root,
    system,
    top,
)

DAY = date(2026, 6, 1)


@pytest.fixture
def next_day(now: datetime) -> datetime:
    """Return half past midnight of the next day in China."""
    return now + timedelta(hours=14, minutes=30)


@pytest.fixture
def told(make_check: MakeCheck, reporter: Reporter, now: datetime, next_day: datetime) -> Scope:  # noqa: F811
    """Report a morning in which the system was down for 300 s from 10:10; return the platform's scope."""
    check = make_check(
        "受理服务", item="M05", severity="critical", interval_s=60, retry_interval_s=60, at=now
    )
    reporter.run(check, "..........!!!!!..........", step=60)
    ingest.roll_up(now=now + timedelta(hours=1))
    return Scope.system("测试")
