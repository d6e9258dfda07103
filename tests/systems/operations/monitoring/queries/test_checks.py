"""What a list shows is what the rule says, whoever is dead."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person
from taxops.systems.operations.monitoring import queries, services
from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem
from taxops.systems.operations.monitoring.rules import shown_of
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db


def test_sql_and_rule_show_the_same_state(make_check: MakeCheck, root: Scope, now: datetime) -> None:
    check = make_check()
    at = now + timedelta(days=1)
    for phase, verdict, unknown, silent, enabled in product(
        range(5), (-1, 0, 1, 2, 3), (None, 5), (True, False), (True, False)
    ):
        flapping = 7 if (phase + verdict) % 2 else None
        CheckState.objects.filter(pk=check.pk).update(
            phase=phase, verdict=verdict, unknown_since_ms=unknown,
            last_at_ms=1 if silent else round(at.timestamp() * 1000) - 1, alive_from_ms=0,
            flapping_since_ms=flapping,
        )  # fmt: skip
        Check.objects.filter(pk=check.pk).update(enabled=enabled)
        found = queries.get_check(root, at, check.pk)
        expected = shown_of(
            phase, verdict, unknown=unknown is not None, silent=silent, enabled=enabled,
            flapping=flapping is not None,
        )  # fmt: skip
        assert found.shown == expected, (phase, verdict, unknown, silent, enabled)  # type: ignore[attr-defined]


def test_an_approved_window_suspends_its_system_and_nothing_else(
    make_check: MakeCheck,
    root: Scope,
    engineer: Person,
    bureau: Person,
    system: MonitoredSystem,
    now: datetime,
) -> None:
    check = make_check()
    window = services.request_window(
        factories.scope_of(engineer, now), now=now, title="升级", reason="升级", systems=[system.pk],
        starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2),
    )  # fmt: skip
    during, after = now + timedelta(hours=1), now + timedelta(hours=2)
    assert queries.get_check(root, during, check.pk).shown != "suspended"  # type: ignore[attr-defined]
    services.decide_window(factories.scope_of(bureau, now), window.pk, now=now, agree=True)
    assert queries.get_check(root, during, check.pk).shown == "suspended"  # type: ignore[attr-defined]
    assert queries.get_system(root, during, system.pk).shown == "suspended"  # type: ignore[attr-defined]
    assert queries.get_check(root, after, check.pk).shown != "suspended"  # type: ignore[attr-defined]


def test_a_list_costs_the_same_queries_however_long(
    make_check: MakeCheck, root: Scope, now: datetime
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = list(queries.list_checks(root, now))
            assert all(check.system.org.path and check.state.message == "" for check in rows)
            list(queries.list_systems(root, now))
        return len(captured)

    make_check()
    few = cost()
    for _ in range(20):
        make_check()
    assert cost() == few


def test_no_data_is_told_at_reading_time(
    make_check: MakeCheck, reporter: Reporter, root: Scope, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..")
    assert queries.get_check(root, now + timedelta(seconds=11), check.pk).shown == "ok"  # type: ignore[attr-defined]
    assert queries.get_check(root, now + timedelta(hours=1), check.pk).shown == "no_data"  # type: ignore[attr-defined]


def test_systems_count_their_checks_by_state(
    make_check: MakeCheck, reporter: Reporter, root: Scope, system: MonitoredSystem, now: datetime
) -> None:
    good, bad, soft = make_check(), make_check(), make_check()
    make_check()  # never heard of
    reporter.run(good, "...")
    reporter.run(bad, "!!!")
    reporter.run(soft, "..!")
    found = queries.get_system(root, now + timedelta(seconds=25), system.pk)
    counts = (found.n_checks, found.n_critical, found.n_warning, found.n_dark)  # type: ignore[attr-defined]
    assert counts == (4, 1, 1, 1)
    assert found.shown == "critical"  # type: ignore[attr-defined]
