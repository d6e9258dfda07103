"""What a list of systems says of each: counted once, told apart by hand here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.monitoring import queries, services
from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem
from tests import factories
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system

pytestmark = pytest.mark.django_db

# results of each check (x: switched off) → state, checks in use, failing, warned, dark
CASES: list[tuple[list[str], tuple[str, int, int, int, int]]] = [
    ([], ("pending", 0, 0, 0, 0)),
    (["x"], ("pending", 0, 0, 0, 0)),
    (["."], ("ok", 1, 0, 0, 0)),
    ([".", "."], ("ok", 2, 0, 0, 0)),
    ([".", "w"], ("warning", 2, 0, 1, 0)),
    ([".", "!"], ("warning", 2, 0, 1, 0)),
    (["_"], ("no_data", 1, 0, 0, 1)),
    ([".", "_"], ("unknown", 2, 0, 0, 1)),
    ([".", "!!!"], ("critical", 2, 1, 0, 0)),
    ([".", "x", "_", "w"], ("warning", 3, 0, 1, 1)),
]


def build(
    root: Scope, top: OrgUnit, now: datetime, reporter: Reporter, make_check: MakeCheck
) -> dict[str, tuple[str, int, int, int, int]]:
    """Store a system a case; return what each must show."""
    wanted = {"einvoice": ("pending", 0, 0, 0, 0)}  # the fixture's own, without checks
    for number, (checks, said) in enumerate(CASES):
        system = make_system(root, top, now, f"s{number}")
        wanted[system.code] = said
        for codes in checks:
            check = make_check(of=system, interval_s=600)
            if codes == "x":
                services.switch_checks(root, [check.pk], now=now, enabled=False)
            elif codes != "_":
                reporter.run(check, codes)
    return wanted


def said(system: Any) -> tuple[str, int, int, int, int]:
    """Return what a listed system says."""
    return system.shown, system.n_checks, system.n_critical, system.n_warning, system.n_dark


def test_each_system_counts_its_own_checks(
    root: Scope, top: OrgUnit, now: datetime, reporter: Reporter, make_check: MakeCheck
) -> None:
    wanted = build(root, top, now, reporter, make_check)
    later = now + timedelta(seconds=25)
    listed = queries.list_systems(root, later)
    assert {s.code: said(s) for s in listed} == wanted
    for system in listed:
        assert said(queries.get_system(root, later, system.pk)) == wanted[system.code], (
            "one alone says the same"
        )
    both, counts = queries.systems_and_counts(root, later)
    assert {s.code: said(s) for s in both} == wanted
    assert counts == queries.counts_by_state(queries.list_checks(root, later))
    # the state can be asked for and ordered by, as pages do
    assert {s.code for s in listed.filter(shown="pending")} == {"s0", "s1", "einvoice"}
    assert [s.n_checks for s in listed.order_by("-n_checks", "code")][:2] == [3, 2]


def test_a_neighbour_s_checks_do_not_count(
    province: dict[str, OrgUnit], root: Scope, now: datetime, make_check: MakeCheck
) -> None:
    for code in ("145010", "145020"):
        make_check(of=make_system(root, province[code], now, f"s{code}"))
    person = factories.person("nanjiang", province["145010"], permissions=["monitoring.view"])
    scope = factories.scope_of(person, now)
    systems, counts = queries.systems_and_counts(scope, now)
    assert [s.code for s in systems] == ["s145010"]
    assert sum(counts.values()) == 1


def test_many_checks_cost_no_more_queries(
    root: Scope, top: OrgUnit, system: MonitoredSystem, now: datetime, make_check: MakeCheck
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.systems_and_counts(root, now)
            list(queries.list_systems(root, now))
            queries.drawn_tree(now, system)
        return len(captured)

    make_check()
    few = cost()
    proto = make_check()
    Check.objects.bulk_create(
        Check(code=f"b{n}", system=make_system(root, top, now, f"o{n}") if n % 4 == 0 else system, name=f"b{n}",
              kind="tcp", target=proto.target, created_at=now, updated_at=now)
        for n in range(12)
    )  # fmt: skip
    CheckState.objects.bulk_create(CheckState(check_row=c) for c in Check.objects.filter(state=None))
    assert cost() == few
