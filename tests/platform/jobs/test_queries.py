"""Reading about background work, within the reader's scope."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from taxops.engines.base import NotFound, NotPermitted, Scope
from taxops.platform.jobs import queries, scheduling
from taxops.platform.jobs.models import WorkerBeat
from taxops.platform.jobs.rules import State
from taxops.platform.jobs.services import enqueue
from tests import factories

from .conftest import HandClock

pytestmark = pytest.mark.django_db

WANG, LI = Scope(7, "王芳"), Scope(8, "李强")
WATCHER = Scope(9, "值班员", {"jobs.view": ("",)})
NOBODY = Scope(None, "未登录")


def test_everybody_sees_the_own_runs_and_watchers_all(clock: HandClock) -> None:
    province = factories.org("122000")
    for pk, place in ((7, factories.org("122010", province)), (8, factories.org("122020", province))):
        person = factories.person(f"p{pk}", place)
        type(person).objects.filter(pk=person.pk).update(id=pk)
    mine = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
    enqueue("sample.refuse", scope=LI, now=clock.now)
    enqueue("sample.slot", scope=Scope.system("定时任务"), now=clock.now)
    assert [r.id for r in queries.list_runs(WANG)] == [mine.id]
    assert queries.list_runs(WATCHER).count() == 3
    neighbour = Scope(9, "邻县", {"jobs.view": ("122000/122020/",)})
    assert {r.name for r in queries.list_runs(neighbour)} == {"sample.refuse", "sample.slot"}
    assert queries.list_runs(WATCHER, is_mine=True).count() == 0
    assert queries.list_runs(NOBODY).count() == 0
    assert queries.list_runs(WATCHER, name="sample.add", state=State.QUEUED).count() == 1
    assert queries.get_run(WANG, mine.id).id == mine.id
    assert queries.list_events(mine).count() == 1
    with pytest.raises(NotFound):
        queries.get_run(LI, mine.id)


def test_schedules_show_how_the_last_run_went(clock: HandClock, django_assert_num_queries: Any) -> None:
    scheduling.sync(clock.now)
    clock.forward(300)
    scheduling.tick(clock.now)
    with django_assert_num_queries(1):
        row = next(r for r in queries.list_schedules(WATCHER) if r.name == "sample.slot")
    assert (row.last_state, queries.title_of(row.name)) == (State.QUEUED, "到点执行")
    assert queries.title_of("gone.job") == "gone.job"
    assert ("sample.slot", "到点执行") in queries.list_names()
    assert queries.list_runs_of(WATCHER, "sample.slot").count() == 1
    with pytest.raises(NotPermitted):
        queries.list_schedules(WANG)


def test_health_tells_live_workers_and_the_longest_wait(clock: HandClock) -> None:
    assert not queries.worker_health(clock.now).is_good
    WorkerBeat.objects.create(worker="w", host="h", pid=1, threads=2, started_at=clock.now, seen_at=clock.now)
    enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
    enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, run_after=clock.now + timedelta(days=1))
    health = queries.worker_health(clock.now + timedelta(seconds=10))
    assert (health.n_alive, health.n_waiting, health.waited_s, health.is_good) == (1, 1, 10.0, True)
    assert queries.worker_health(clock.now + timedelta(seconds=21)).n_alive == 0
    assert queries.list_workers(WATCHER).count() == 1
    with pytest.raises(NotPermitted):
        queries.list_workers(WANG)
