"""Who holds a run: taking, renewing, losing, giving back."""

from __future__ import annotations

import pytest
from django_tasks_db.models import DBTaskResult

from taxops.platform.jobs import leases, services, tasks
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.rules import State
from taxops.platform.jobs.services import enqueue

from .conftest import PLATFORM, HandClock

pytestmark = pytest.mark.django_db


def half() -> float:
    return 0.5


def test_tickets_carry_the_path_of_our_task() -> None:
    assert tasks.perform.module_path == leases.TASK


def test_a_run_is_taken_once(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    assert leases.take_next("w1", clock.now) is not None
    assert leases.take_next("w2", clock.now) is None
    assert leases.take(run.id, "w2", clock.now) is None


def test_a_renewed_lease_is_not_reclaimed(clock: HandClock) -> None:
    enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    taken = leases.take_next("w1", clock.now)
    assert taken is not None
    lease = leases.lease_of(taken)
    for _ in range(10):
        clock.forward(50)
        assert leases.renew(lease, clock.now)
        leases.reclaim(clock.now, half)
    assert lease.held().exists()


def test_runs_of_a_silent_worker_come_back_until_they_are_given_up(clock: HandClock) -> None:
    run = enqueue("sample.outage", scope=PLATFORM, now=clock.now)
    dead: list[JobRun] = []
    for attempt in range(1, 4):
        clock.forward(900)
        taken = leases.take_next(f"w{attempt}", clock.now)
        assert taken is not None
        clock.forward(61)
        dead = leases.reclaim(clock.now, half)
    run.refresh_from_db()
    assert (run.state, [r.id for r in dead]) == (State.DEAD, [run.id])
    assert "没有响应" in run.error


def test_a_cancelled_run_of_a_silent_worker_is_cancelled(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    leases.take_next("w1", clock.now)
    services.cancel(PLATFORM, run.id, now=clock.now)
    clock.forward(61)
    leases.reclaim(clock.now, half)
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_a_lease_that_was_lost_can_neither_be_renewed_nor_handed_back(clock: HandClock) -> None:
    enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    taken = leases.take_next("w1", clock.now)
    assert taken is not None
    lease = leases.lease_of(taken)
    clock.forward(61)
    leases.reclaim(clock.now, half)
    leases.take_next("w2", clock.now)
    assert not leases.renew(lease, clock.now)
    assert not leases.hand_back(lease, clock.now)
    assert JobRun.objects.get().worker == "w2"


def test_a_ticket_without_a_run_does_not_block_the_queue(clock: HandClock) -> None:
    stray = tasks.perform.using(run_after=clock.now, priority=100).enqueue("nobody")
    enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    assert leases.take_next("w1", clock.now) is None
    assert DBTaskResult.objects.get(id=stray.id).status == "FAILED"
    assert leases.take_next("w1", clock.now) is not None
