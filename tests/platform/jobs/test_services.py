"""Asking for work, stopping it, trying it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.jobs import services
from taxops.platform.jobs.leases import take_next
from taxops.platform.jobs.models import JobRun, WorkerBeat
from taxops.platform.jobs.rules import State, Step
from taxops.platform.jobs.scheduling import sync
from taxops.platform.jobs.services import enqueue
from tests import factories

from .conftest import PLATFORM, HandClock, steps_of

pytestmark = pytest.mark.django_db

WANG = Scope(7, "王芳", {"audit.view": ("1/",)}, address="10.0.0.7")
LI = Scope(8, "李强")
WATCHER = Scope(9, "值班员", {"jobs.view": ("",)})
BOSS = Scope(10, "系统管理员", {"jobs.view": ("",), "jobs.run": ("",)})


def test_a_run_waits_with_its_ticket(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
    ticket = DBTaskResult.objects.get(id=run.ticket)
    assert (run.state, run.title, run.actor_name, run.address) == (State.QUEUED, "相加", "王芳", "10.0.0.7")
    assert (ticket.status, ticket.run_after, ticket.args_kwargs["args"]) == ("READY", clock.now, [run.id])
    assert steps_of(run) == [Step.QUEUED]


def test_what_is_rolled_back_is_never_run(clock: HandClock) -> None:
    with transaction.atomic():
        enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
        transaction.set_rollback(True)
    assert clock.work() is None


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("sample.none", {}, NotFound),
        ("sample.add", {}, BadInput),
        ("sample.add", {"left": 1, "middle": 2}, BadInput),
        ("sample.add", {"left": object()}, BadInput),
        ("sample.add", {"left": float("nan")}, BadInput),
        ("sample.add", {"ctx": 1, "left": 1}, BadInput),
    ],
)
def test_bad_input_stores_nothing(
    clock: HandClock, name: str, args: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        enqueue(name, args, scope=WANG, now=clock.now)
    assert not JobRun.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_a_key_keeps_one_open_run(clock: HandClock) -> None:
    first = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k")
    assert enqueue("sample.add", {"left": 2}, scope=LI, now=clock.now, key="k").id == first.id
    assert enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="other").id != first.id
    clock.work()
    clock.work()
    assert enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k").id != first.id
    assert DBTaskResult.objects.count() == JobRun.objects.count() == 3


def test_a_key_for_ever_runs_once(clock: HandClock) -> None:
    first = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k", once=True)
    clock.work()
    assert enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k", once=True).id == first.id
    assert clock.work() is None


def test_the_database_refuses_a_second_open_run_with_the_key(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k")
    answers = iter([None, first])  # as if the other process had committed after we looked
    monkeypatch.setattr(services, "_existing", lambda *_: next(answers))
    assert enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k").id == first.id
    assert DBTaskResult.objects.count() == 1


def test_a_key_that_is_too_long_is_refused(clock: HandClock) -> None:
    with pytest.raises(BadInput, match="幂等键"):
        enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now, key="k" * 121)


def test_a_run_for_later_waits(clock: HandClock) -> None:
    enqueue(
        "sample.add", {"left": 1}, scope=PLATFORM, now=clock.now, run_after=clock.now + timedelta(minutes=1)
    )
    assert clock.work() is None
    clock.forward(60)
    assert clock.work() == State.DONE


def test_a_waiting_run_is_cancelled_at_once(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
    run = services.cancel(WANG, run.id, now=clock.now)
    assert (run.state, run.finished_at) == (State.CANCELLED, clock.now)
    assert clock.work() is None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.actor_name) == ("job.cancel", run.id, "王芳")


def test_a_going_run_is_asked_to_stop(clock: HandClock) -> None:
    run = enqueue("sample.steps", {"n": 3}, scope=WANG, now=clock.now)
    take_next("w1", clock.now)
    run = services.cancel(WANG, run.id, now=clock.now)
    assert (run.state, run.cancel_requested) == (State.RUNNING, True)
    services.cancel(WANG, run.id, now=clock.now)
    assert steps_of(run).count(Step.CANCEL_ASKED) == 1, "asking twice changes nothing"


def test_what_has_ended_cannot_be_cancelled(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    clock.work()
    with pytest.raises(Conflict, match="已完成"):
        services.cancel(PLATFORM, run.id, now=clock.now)


def test_a_failed_run_is_tried_again_from_the_start(clock: HandClock) -> None:
    run = enqueue("sample.refuse", scope=WANG, now=clock.now)
    assert clock.work() == State.FAILED
    run = services.retry(WANG, run.id, now=clock.now)
    assert (run.state, run.attempt, run.error) == (State.QUEUED, 0, "")
    assert clock.work() == State.FAILED
    assert steps_of(run) == [
        Step.QUEUED, Step.STARTED, Step.FAILED, Step.REQUEUED, Step.STARTED, Step.FAILED,
    ]  # fmt: skip


def test_a_run_is_not_tried_again_beside_another_with_its_key(clock: HandClock) -> None:
    run = enqueue("sample.refuse", scope=WANG, now=clock.now, key="k")
    clock.work()
    enqueue("sample.refuse", scope=WANG, now=clock.now, key="k")
    with pytest.raises(Conflict, match="同样的作业"):
        services.retry(WANG, run.id, now=clock.now)


def test_a_waiting_run_cannot_be_tried_again(clock: HandClock) -> None:
    run = enqueue("sample.refuse", scope=WANG, now=clock.now)
    with pytest.raises(Conflict, match="排队中"):
        services.retry(WANG, run.id, now=clock.now)


@pytest.mark.parametrize("act", [services.cancel, services.retry])
def test_other_peoples_runs_are_hidden_or_only_looked_at(clock: HandClock, act: object) -> None:
    county = factories.org("122010", factories.org("122000"))
    wang = Scope(factories.person("wang", county).pk, "王芳")
    run = enqueue("sample.refuse", scope=wang, now=clock.now)
    if act is services.retry:
        clock.work()
    assert callable(act)
    with pytest.raises(NotFound):
        act(LI, run.id, now=clock.now)
    with pytest.raises(NotFound):
        act(Scope(11, "邻县", {"jobs.run": ("122000/122099/",)}), run.id, now=clock.now)
    with pytest.raises(NotPermitted):
        act(WATCHER, run.id, now=clock.now)
    act(BOSS, run.id, now=clock.now)


def test_a_paused_schedule_makes_nothing_up(clock: HandClock) -> None:
    sync(clock.now)
    services.pause_schedule(BOSS, "sample.slot", paused=True, now=clock.now)
    clock.forward(3600)
    schedule = services.pause_schedule(BOSS, "sample.slot", paused=False, now=clock.now)
    assert schedule.next_at > clock.now
    assert [e.action for e in AuditEntry.objects.order_by("seq")] == ["schedule.pause", "schedule.resume"]
    with pytest.raises(NotPermitted):
        services.pause_schedule(WATCHER, "sample.slot", paused=True, now=clock.now)


def test_a_schedule_is_run_by_hand(clock: HandClock) -> None:
    sync(clock.now)
    run = services.run_now(BOSS, "sample.slot", now=clock.now)
    assert run.is_system
    assert "系统管理员" in run.actor_name
    with pytest.raises(NotFound):
        services.run_now(BOSS, "sample.add", now=clock.now)
    with pytest.raises(NotPermitted):
        services.run_now(WATCHER, "sample.slot", now=clock.now)


def test_old_runs_are_deleted_failures_later_and_keys_for_ever_never(clock: HandClock) -> None:
    mine = enqueue("sample.add", {"left": 1}, scope=WANG, now=clock.now)
    JobRun.objects.filter(id=mine.id).update(state=State.DONE, finished_at=clock.now)
    enqueue("sample.refuse", scope=PLATFORM, now=clock.now)
    enqueue("sample.steps", {"n": 1}, scope=PLATFORM, now=clock.now)
    enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now, key="k", once=True)
    DBTaskResult.objects.filter(id=mine.ticket).update(status="SUCCESSFUL")
    for _ in range(3):
        clock.work()
    enqueue("sample.outage", scope=PLATFORM, now=clock.now)
    WorkerBeat.objects.create(
        worker="old", host="h", pid=1, threads=1, started_at=clock.now, seen_at=clock.now
    )
    left = []
    for days in (6, 8, 91, 366):
        services.delete_ended(now=clock.now + timedelta(days=days))
        left.append(sorted(JobRun.objects.values_list("name", flat=True)))
    add, refuse, steps, outage = "sample.add", "sample.refuse", "sample.steps", "sample.outage"
    assert left == [
        [add, add, outage, refuse, steps],
        [add, add, outage, refuse],
        [add, outage, refuse],
        [add, outage],
    ]
    assert DBTaskResult.objects.count() == 2
    assert not WorkerBeat.objects.exists()
