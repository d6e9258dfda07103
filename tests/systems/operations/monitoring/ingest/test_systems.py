"""Outages of systems follow from their trees, and only from them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring import services
from taxops.systems.operations.monitoring.ingest import ticking
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system, outages

pytestmark = pytest.mark.django_db


def test_one_node_behind_a_virtual_service_is_no_outage_of_the_system(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a, b = make_check(), make_check()
    services.define_tree(root, system.pk, now=now, tree={"any": [{"check": a.code}, {"check": b.code}]})
    reporter.run(a, "!!!")
    assert outages(now, system=system) == []
    reporter.run(b, "!!!", start=100)
    assert outages(now, system=system) == [(100, None, 120, None)]
    reporter.run(a, "..", start=200)
    assert outages(now, system=system) == [(100, 200, 120, 210)]


def test_a_minor_check_never_brings_a_system_down_unless_its_tree_says_so(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    minor = make_check(severity="minor")
    reporter.run(minor, "!!!")
    assert outages(now, system=system) == []
    services.define_tree(root, system.pk, now=now + timedelta(seconds=60), tree={"check": minor.code})
    assert outages(now, system=system) == [(60, None, 60, None)]  # from when the tree says so, not before


def test_a_system_above_goes_down_with_the_one_below(
    make_check: MakeCheck,
    reporter: Reporter,
    now: datetime,
    system: MonitoredSystem,
    root: Scope,
    top: OrgUnit,
) -> None:
    above = make_system(root, top, now, "platform")
    services.define_tree(root, above.pk, now=now, tree={"all": [{"system": system.code}]})
    check = make_check()
    reporter.run(check, "!!!.")
    assert outages(now, system=above) == [(0, None, 20, None)]
    reporter.run(check, ".", start=40)
    assert outages(now, system=above) == [(0, 30, 20, 40)]


def test_overlapping_outages_of_checks_are_one_outage_of_the_system(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem
) -> None:
    a, b = make_check(), make_check()
    reporter.run(a, "!!!!")
    reporter.run(b, "!!!!!!!", start=5)
    reporter.run(a, "..", start=70)
    assert outages(now, system=system) == [(0, None, 20, None)]
    reporter.run(b, "..", start=105)
    assert outages(now, system=system) == [(0, 105, 20, 115)]


def test_a_new_tree_ends_an_outage_that_it_does_not_bear_out(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a, b = make_check(), make_check()
    reporter.run(a, "!!!")
    assert outages(now, system=system) == [(0, None, 20, None)]
    services.define_tree(
        root, system.pk, now=now + timedelta(seconds=60), tree={"any": [{"check": a.code}, {"check": b.code}]}
    )
    assert outages(now, system=system) == [(0, 60, 20, 60)]
    reporter.run(a, "..", start=90)  # and what the checks do later does not touch it any more
    assert outages(now, system=system) == [(0, 60, 20, 60)]


def test_an_outage_under_an_old_tree_goes_on_under_a_new_one_that_agrees(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a = make_check()
    reporter.run(a, "!!!")
    services.define_tree(root, system.pk, now=now + timedelta(seconds=60), tree={"all": [{"check": a.code}]})
    assert outages(now, system=system) == [(0, None, 20, None)]
    reporter.run(a, "..", start=90)
    assert outages(now, system=system) == [(0, 90, 20, 100)]


def test_switching_a_check_off_ends_its_outage_and_the_systems(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a = make_check()
    reporter.run(a, "!!!")
    services.switch_checks(root, [a.pk], now=now + timedelta(seconds=60), enabled=False)
    assert outages(now, check_row=a) == [(0, 60, 20, 60)]
    assert outages(now, system=system) == [(0, 60, 20, 60)]
    services.switch_checks(root, [a.pk], now=now + timedelta(seconds=100), enabled=True)
    reporter.run(a, "!!!", start=110)
    assert outages(now, system=system) == [(0, 60, 20, 60), (110, None, 130, None)]


@given(
    marks=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(".!")), min_size=5, max_size=40),
    k=st.integers(1, 3),
    shuffled=st.randoms(use_true_random=False),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_incremental_outages_equal_those_of_the_tree_over_the_whole_time(
    make_check: MakeCheck,
    reporter: Reporter,
    now: datetime,
    root: Scope,
    top: OrgUnit,
    marks: list[tuple[int, str]],
    k: int,
    shuffled: object,
) -> None:
    from taxops.engines.base import Interval
    from taxops.engines.checks import Leaf, LeafKind, down_intervals, parse_tree
    from taxops.systems.operations.monitoring.models import Outage

    ticking._last.update(beats=0, silence=0)
    of = make_system(root, top, now, f"h{MonitoredSystem.objects.count()}")
    checks = [make_check(of=of, confirm=1, recover=1) for _ in range(3)]
    data = {"k": k, "of": [{"check": check.code} for check in checks]}
    services.define_tree(root, of.pk, now=now - timedelta(seconds=1), tree=data)
    rows = [(checks[which], 10.0 * i, 0 if mark == "." else 2) for i, (which, mark) in enumerate(marks)]
    batches = [rows[i : i + 3] for i in range(0, len(rows), 3)]
    shuffled.shuffle(batches)  # type: ignore[attr-defined]
    for batch in batches:
        reporter.send(batch, at=1000)
    end = now + timedelta(seconds=1000)
    bad = {
        Leaf(LeafKind.CHECK, check.code): [
            Interval(o.started_at, o.ended_at or end)
            for o in Outage.objects.filter(check_row=check, withdrawn_at=None)
        ]
        for check in checks
    }
    expected = down_intervals(parse_tree(data), bad, Interval(now, end))
    found = Outage.objects.filter(system=of, withdrawn_at=None).order_by("started_at")
    assert [(o.started_at, o.ended_at or end) for o in found] == [(i.start, i.end) for i in expected]


def test_a_member_under_maintenance_leaves_the_count_also_when_agreed_afterwards(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    from taxops.systems.operations.monitoring import ingest

    a, b, c = (make_check(code=f"web-{n}") for n in range(3))
    tree = {"percent": 60, "of": "web-*"}
    services.define_tree(root, system.pk, now=now, tree=tree)
    for check in (a, b, c):
        reporter.run(check, "..", start=1)
    for check in (a, b):
        reporter.run(check, "!!!", start=100)
    assert outages(now, system=system) == [(100, None, 120, None)]  # one of three is less than 60 %
    window = services.request_window(
        root,
        now=now + timedelta(seconds=400),
        title="换网卡",
        reason="网卡故障，未能事前申请",
        checks=[a.pk, b.pk],
        starts_at=now + timedelta(seconds=200),
        ends_at=now + timedelta(seconds=300),
    )
    services.decide_window(Scope.system("局方"), window.pk, now=now + timedelta(seconds=500), agree=True)
    # c stayed and was good: the system worked by what was left of it, before and after it did not
    assert outages(now, system=system) == [(100, 200, 120, 200), (300, None, 300, None)]
    ingest.judge_windows(now=now + timedelta(seconds=520))
    assert outages(now, system=system) == [(100, 200, 120, 200), (300, None, 300, None)]
    reporter.run(a, "..", start=600)
    assert outages(now, system=system) == [(100, 200, 120, 200), (300, 600, 300, 610)]


def test_a_window_that_begins_and_ends_is_noticed_without_any_result(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    from taxops.systems.operations.monitoring import ingest

    a, b = make_check(code="web-1"), make_check(code="web-2")
    services.define_tree(root, system.pk, now=now, tree={"k": 2, "of": "web-*"})
    reporter.run(b, "..", start=1)
    reporter.run(a, "!!!", start=100)
    window = services.request_window(
        root, now=now, title="升级", reason="升级", checks=[a.pk],
        starts_at=now + timedelta(seconds=200), ends_at=now + timedelta(seconds=300),
    )  # fmt: skip
    services.decide_window(Scope.system("局方"), window.pk, now=now + timedelta(seconds=150), agree=True)
    assert outages(now, system=system) == [(100, None, 120, None)]
    ingest.judge_windows(now=now + timedelta(seconds=220))
    assert outages(now, system=system) == [(100, 200, 120, 200)]
    ingest.judge_windows(now=now + timedelta(seconds=310))
    assert outages(now, system=system) == [(100, 200, 120, 200), (300, None, 300, None)]


def test_a_group_whose_members_are_all_under_maintenance_is_judged_by_the_facts(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a, b = make_check(code="web-1"), make_check(code="web-2")
    services.define_tree(root, system.pk, now=now, tree={"percent": 50, "of": "web-*"})
    window = services.request_window(
        root, now=now, title="升级", reason="升级", checks=[a.pk, b.pk],
        starts_at=now + timedelta(seconds=50), ends_at=now + timedelta(seconds=900),
    )  # fmt: skip
    services.decide_window(Scope.system("局方"), window.pk, now=now, agree=True)
    for check in (a, b):
        reporter.run(check, "!!!", start=100)
    assert outages(now, system=system) == [(100, None, 120, None)]  # it stands; the window excludes it


def test_members_that_come_and_go_change_the_count_from_then_on(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem, root: Scope
) -> None:
    a, b = make_check(code="web-1"), make_check(code="web-2")
    services.define_tree(root, system.pk, now=now, tree={"percent": 60, "of": "web-*"})
    reporter.run(b, "..", start=1)
    reporter.run(a, "!!!", start=100)
    assert outages(now, system=system) == [(100, None, 120, None)]
    services.switch_checks(root, [a.pk], now=now + timedelta(seconds=200), enabled=False)
    assert outages(now, system=system) == [(100, 200, 120, 200)]
