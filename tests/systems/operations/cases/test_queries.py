"""Executions and targets are read within the range of who looks after them; a report only where there is one."""

from __future__ import annotations

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.platform.casework import queries as casework
from taxops.platform.identity.models import OrgUnit
from taxops.systems.operations.cases import queries
from taxops.systems.operations.cases.models import DataFixRun
from taxops.systems.operations.monitoring.models import MonitoredSystem
from tests import factories
from tests.contracts.samples import World
from tests.contracts.samples.datatargets import make_run
from tests.platform.casework.conftest import Desk


@pytest.mark.same_everywhere
def test_executions_are_seen_by_who_looks_after_the_target(desk: Desk) -> None:
    run = make_run(World(desk.now, {}, desk.org, desk.other), desk.org)
    near, far = (
        factories.scope_of(factories.person(name, org, permissions=["cases.lead"]), desk.now)
        for name, org in (("near", desk.org), ("far", desk.other))
    )
    assert [r.pk for r in queries.list_runs(near)] == [run.pk]
    assert queries.get_run(near, run.pk).before == [{"表": "invoice", "id": 1}]
    assert not queries.list_runs(far).exists()
    with pytest.raises(NotFound):
        queries.get_run(far, run.pk)
    target = queries.list_targets(near).get()
    assert (target.n_runs, target.n_open) == (1, 1)  # type: ignore[attr-defined]  # annotated
    DataFixRun.objects.update(state="done")
    assert queries.get_target(near, target.pk).n_open == 0  # type: ignore[attr-defined]
    assert desk.org.pk in dict(queries.orgs_for_targets(near))
    assert desk.other.pk not in dict(queries.orgs_for_targets(near))


@pytest.mark.same_everywhere
def test_there_is_no_report_before_it_is_handed_in(desk: Desk) -> None:
    case = desk.opened()
    with pytest.raises(NotFound, match="没有提交"):
        queries.report_of(Scope.system("样例"), case.pk)


def _watched(desk: Desk, code: str, name: str, org: OrgUnit) -> None:
    MonitoredSystem.objects.create(
        code=code, name=name, org=org, tree_from=desk.now, created_at=desk.now, updated_at=desk.now
    )


@pytest.mark.same_everywhere
def test_a_system_is_shown_by_its_name(desk: Desk) -> None:
    _watched(desk, "tysl", "税务受理", desk.org)
    case = desk.opened(form={"system": "tysl"})
    other = desk.opened(form={"system": "没有监控的系统"})
    assert queries.system_name("tysl") == "税务受理"
    assert [queries.system_name(code) for code in ("", "没有监控的系统")] == ["", "没有监控的系统"]
    rows = queries.with_system(casework.list_cases(Scope.system("样例"))).order_by("pk")
    assert list(rows.values_list("pk", "system_name")) == [
        (case.pk, "税务受理"),
        (other.pk, "没有监控的系统"),
    ]
    facts = casework.view(Scope.system("样例"), case, desk.now).facts
    assert ("系统", "税务受理") in facts
    assert "system_name" not in str(rows.order_by().values("pk").query), "what is only shown is not counted"


@pytest.mark.same_everywhere
def test_one_may_name_the_systems_of_ones_own_and_of_those_above(desk: Desk) -> None:
    for code, org in (("own", desk.org), ("far", desk.other), ("top", desk.org.parent)):
        if org is not None:
            _watched(desk, code, f"系统{code}", org)
    person = factories.person("near", desk.org, permissions=["cases.open"])
    found = dict(queries.systems_to_name(factories.scope_of(person, desk.now)))
    assert "own" in found
    assert "far" not in found
    assert ("top" in found) == (desk.org.parent is not None)
    assert "far" in dict(queries.systems_to_name(Scope.system("样例")))
