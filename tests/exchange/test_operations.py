"""Other systems hear of outages of systems after they are stored, and can ask when a system was down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Interval
from taxops.exchange import operations as exchange
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests.systems.operations.monitoring.conftest import *  # noqa: F403 - the same fixtures
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db


def test_an_outage_is_told_when_it_opens_and_when_it_ends(
    make_check: MakeCheck,
    reporter: Reporter,
    system: MonitoredSystem,
    now: datetime,
    django_capture_on_commit_callbacks: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[exchange.Event] = []
    monkeypatch.setattr(exchange, "_listeners", [])
    exchange.listen(heard.append)
    exchange.listen(heard.append)
    check = make_check()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
        reporter.run(check, "..!!!..")
    assert [type(event).__name__ for event in heard] == ["OutageOpened", "OutageEnded"]
    assert all(event.system_code == system.code for event in heard)
    found = exchange.down_intervals(system.code, now, now + timedelta(seconds=30))
    assert list(found) == [Interval(now + timedelta(seconds=20), now + timedelta(seconds=30))]
