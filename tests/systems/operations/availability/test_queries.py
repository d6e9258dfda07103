"""What availability answers: windows and exclusions together, coverage, the same queries however many systems."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.availability import queries, services
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.systems.operations.availability.conftest import ask, down
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_windows_and_exclusions_are_taken_out_together(
    system: MonitoredSystem, asking: Scope, deciding: Scope, root: Scope, now: datetime
) -> None:
    down(system, now - 10 * HOUR, 4 * HOUR)
    window = monitoring.request_window(
        asking, now=now - 12 * HOUR, title="升级", reason="升级", systems=[system.pk],
        starts_at=now - 11 * HOUR, ends_at=now - 9 * HOUR,
    )  # fmt: skip
    found = queries.standing_of(root, now, system.pk).reckoning
    assert found.excluded_s == 0
    monitoring.decide_window(deciding, window.pk, now=now - 12 * HOUR, agree=True)
    row = ask(asking, system, now, now - 9 * HOUR, HOUR)
    services.decide_exclusion(deciding, row.pk, now=now, agree=True)
    found = queries.standing_of(root, now, system.pk).reckoning
    assert [(cut.cut.title, cut.seconds) for cut in found.cuts] == [
        ("维护窗口：升级", 3600.0),
        ("总局或上级系统原因", 3600.0),
    ]
    assert [cut.cut.is_late for cut in found.cuts] == [False, True]
    assert found.figures.downtime_s == 7200


def test_coverage_is_the_time_that_could_be_judged(
    make_check: MakeCheck, reporter: Reporter, system: MonitoredSystem, root: Scope, now: datetime
) -> None:
    check = make_check(at=now)
    reporter.run(check, "....")  # 0..30 s, then nothing
    from taxops.systems.operations.monitoring import ingest

    later = now + timedelta(seconds=100)
    ingest.judge_silence(now=later)
    found = queries.standing_of(root, later, system.pk).reckoning
    assert found.figures.coverage is not None
    assert found.dark[-1].end == later
    watched = found.figures.coverage * (later - found.figures.year.start).total_seconds()
    assert 25 <= watched <= 45
    assert not found.figures.coverage_ok


def test_the_number_of_queries_does_not_grow_with_systems(root: Scope, top: OrgUnit, now: datetime) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            queries.standings(root, now)
        return len(asked)

    for n in range(3):
        down(make_system(root, top, now, f"a{n}"), now - HOUR, HOUR / 2)
    few = count()
    for n in range(12):
        down(make_system(root, top, now, f"b{n}"), now - HOUR, HOUR / 2)
    assert count() == few <= 16
    assert len(queries.standings(root, now)) == 15


def test_systems_outside_the_scope_are_not_shown(
    root: Scope, province: dict[str, OrgUnit], top: OrgUnit, now: datetime
) -> None:
    make_system(root, top, now, "upper")
    below = next(unit for unit in province.values() if unit.parent_id is not None)
    make_system(root, below, now, "lower")
    reader = factories.scope_of(factories.person("r", below, permissions=["monitoring.view"]), now)
    assert [s.system.code for s in queries.standings(reader, now)] == ["lower"]
    with pytest.raises(NotFound, match="没有代码为「upper」的监控系统"):
        queries.standing_by_code(reader, now, "upper")


def test_a_past_year_can_be_asked_for_and_one_before_the_contract_not(
    system: MonitoredSystem, top: OrgUnit, deciding: Scope, root: Scope, now: datetime
) -> None:
    from tests.systems.operations.availability.test_services import values

    down(system, now - timedelta(days=300), HOUR)
    assert queries.standing_of(root, now, system.pk, year=2025).reckoning.figures.downtime_s == 3600
    assert queries.standing_of(root, now, system.pk).reckoning.figures.downtime_s == 0
    services.keep_agreement(deciding, now=now, values=values(top))
    with pytest.raises(BadInput, match="合同自 2026-03-01 起算"):
        queries.standing_of(root, now, system.pk, year=2025)
    assert queries.standings(root, now, year=2025) == []
