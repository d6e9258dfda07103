"""Schedules: each slot once, missed ones made up by one run, none beside a going one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taxops.platform.jobs import scheduling
from taxops.platform.jobs.models import JobRun, Schedule
from taxops.platform.jobs.rules import State

from .conftest import HandClock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_the_sample(clock: HandClock) -> None:
    scheduling.sync(clock.now)
    Schedule.objects.exclude(name="sample.slot").delete()


def slots() -> int:
    return JobRun.objects.filter(name="sample.slot").count()


def test_a_slot_is_asked_for_once_by_however_many_schedulers(clock: HandClock) -> None:
    assert scheduling.tick(clock.now) == []
    clock.forward(300)
    assert [len(scheduling.tick(clock.now)) for _ in range(3)] == [1, 0, 0]
    run = JobRun.objects.get()
    assert (run.name, run.is_system, run.actor_name) == ("sample.slot", True, "定时任务")
    assert Schedule.objects.get().last_run == run.id


def test_a_scheduler_that_looked_before_another_acted_asks_for_nothing(clock: HandClock) -> None:
    clock.forward(300)
    slot = Schedule.objects.get().next_at
    assert scheduling.claim_slot("sample.slot", "*/5 * * * *", slot, clock.now) is not None
    assert scheduling.claim_slot("sample.slot", "*/5 * * * *", slot, clock.now) is None
    assert slots() == 1


def test_missed_slots_are_made_up_by_one_run(clock: HandClock) -> None:
    clock.forward(86400)
    scheduling.tick(clock.now)
    assert slots() == 1
    assert Schedule.objects.get().next_at == clock.now + timedelta(minutes=5)


def test_while_a_run_is_going_none_is_added(clock: HandClock) -> None:
    clock.forward(300)
    scheduling.tick(clock.now)
    clock.forward(300)
    scheduling.tick(clock.now)
    assert slots() == 1
    assert clock.work() == State.DONE
    clock.forward(300)
    scheduling.tick(clock.now)
    assert slots() == 2


def test_a_changed_expression_moves_the_next_slot(clock: HandClock) -> None:
    Schedule.objects.update(expression="0 0 1 1 *", next_at=clock.now + timedelta(days=200))
    scheduling.sync(clock.now)
    row = Schedule.objects.get(name="sample.slot")
    assert (row.expression, row.next_at) == ("*/5 * * * *", clock.now + timedelta(minutes=5))


def test_a_schedule_that_this_version_does_not_declare_is_left_alone(clock: HandClock) -> None:
    Schedule.objects.create(name="newer.job", expression="* * * * *", next_at=clock.now)
    scheduling.tick(clock.forward(60))
    assert Schedule.objects.get(name="newer.job").last_at is None
