"""What availability's tests share: a system that was down, people who ask and decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person
from taxops.systems.operations.availability import services
from taxops.systems.operations.availability.models import Exclusion
from taxops.systems.operations.monitoring.models import MonitoredSystem, Outage
from tests import factories
from tests.systems.operations.monitoring.conftest import (  # noqa: F401  # fixtures
    bureau,
    engineer,
    make_check,
    province,
    reporter,
    root,
    system,
    top,
)


def down(system: MonitoredSystem, start: datetime, length: timedelta | None, **more: Any) -> Outage:  # noqa: F811
    """Return a stored outage of the system."""
    return Outage.objects.create(
        system=system,
        started_at=start,
        ended_at=None if length is None else start + length,
        detected_at=start + timedelta(seconds=20),
        recovered_at=None if length is None else start + length,
        severity="critical",
        cause="受理服务中断",
        entered_at=start,
        **more,
    )


@pytest.fixture
def asking(engineer: Person, now: datetime) -> Scope:  # noqa: F811
    """Return the scope of who asks."""
    return factories.scope_of(engineer, now)


@pytest.fixture
def deciding(bureau: Person, now: datetime) -> Scope:  # noqa: F811
    """Return the scope of who decides."""
    return factories.scope_of(bureau, now)


def ask(scope: Scope, of: MonitoredSystem, now: datetime, start: datetime, length: timedelta) -> Exclusion:
    """Return a request for an exclusion."""
    return services.request_exclusion(
        scope,
        now=now,
        system_id=of.pk,
        kind="upstream",
        starts_at=start,
        ends_at=start + length,
        reason="总局统一升级",
        evidence="税总办函〔2026〕12号",
    )
