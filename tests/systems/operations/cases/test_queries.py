"""Executions and targets are read within the range of who looks after them; a report only where there is one."""

from __future__ import annotations

import pytest

from taxops.engines.base import NotFound, Scope
from taxops.systems.operations.cases import queries
from taxops.systems.operations.cases.models import DataFixRun
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
