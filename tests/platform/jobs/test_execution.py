"""Doing runs: results, errors, progress, scopes, lost leases."""

from __future__ import annotations

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from taxops.engines.base import Scope
from taxops.platform.jobs import announcements, leases, services
from taxops.platform.jobs.execution import Context, Hold, perform
from taxops.platform.jobs.leases import lease_of, take_next
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.registry import JOBS, JobSpec, Stopped
from taxops.platform.jobs.rules import State, Step
from taxops.platform.jobs.services import enqueue
from taxops.platform.jobs.tasks import perform as task
from tests import factories

from . import sample_jobs
from .conftest import PLATFORM, HandClock, steps_of

pytestmark = pytest.mark.django_db


def test_a_result_is_kept_and_the_ticket_says_so_too(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1, "right": 2}, scope=PLATFORM, now=clock.now)
    assert clock.work() == State.DONE
    run.refresh_from_db()
    assert (run.state, run.result, run.attempt) == (State.DONE, {"sum": 3}, 1)
    assert run.lease_until is None
    assert DBTaskResult.objects.get(id=run.ticket).status == "SUCCESSFUL"
    assert steps_of(run) == [Step.QUEUED, Step.STARTED, Step.DONE]


def test_urgent_runs_go_first_then_older_ones(clock: HandClock) -> None:
    slow = JobSpec("sample.late", "慢", sample_jobs.refuse, priority=-5)
    if slow.name not in JOBS:
        JOBS.add(slow.name, slow)
    for name in ("sample.late", "sample.refuse", "sample.steps"):
        enqueue(name, {"n": 1} if name == "sample.steps" else {}, scope=PLATFORM, now=clock.forward(1))
    taken = [take_next("w", clock.now) for _ in range(4)]
    assert [run and run.name for run in taken] == ["sample.refuse", "sample.steps", "sample.late", None]


def test_an_anticipated_error_is_told_in_its_own_words_and_not_retried(clock: HandClock) -> None:
    run = enqueue("sample.refuse", scope=PLATFORM, now=clock.now)
    assert clock.work() == State.FAILED
    run.refresh_from_db()
    assert (run.error, run.todo, run.trace) == ("文件是空的。", "请换一个文件。", "")


def test_a_bug_keeps_its_trace_waits_and_is_given_up(clock: HandClock) -> None:
    run = enqueue("sample.bug", scope=PLATFORM, now=clock.now)
    assert clock.work() == State.QUEUED
    assert clock.work() is None, "it waits before the next attempt"
    clock.forward(60)
    assert clock.work() == State.DEAD
    run.refresh_from_db()
    assert "ZeroDivisionError" in run.error
    assert "一除以零" in run.trace
    assert steps_of(run) == [Step.QUEUED, Step.STARTED, Step.RETRY, Step.STARTED, Step.DEAD]
    assert DBTaskResult.objects.get(id=run.ticket).status == "FAILED"


def test_people_are_told_of_runs_that_were_given_up(
    clock: HandClock, django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(announcements, "_tellers", [])
    announcements.on_given_up(lambda run, _now: told.append(run.name))
    enqueue("sample.refuse", scope=PLATFORM, now=clock.now)
    assert callable(django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        clock.work()
    assert told == ["sample.refuse"]


def test_a_result_that_cannot_be_kept_is_a_bug(clock: HandClock) -> None:
    enqueue("sample.odd", scope=PLATFORM, now=clock.now)
    assert clock.work() == State.DEAD


def test_a_job_this_version_does_not_know_fails_with_words(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    JobRun.objects.filter(id=run.id).update(name="gone.job")
    assert clock.work() == State.FAILED
    run.refresh_from_db()
    assert "gone.job" in run.error


def test_progress_is_stored_at_most_twice_a_second_and_always_at_the_end(clock: HandClock) -> None:
    run = enqueue("sample.steps", {"n": 1}, scope=PLATFORM, now=clock.now)
    taken = take_next("w1", clock.now)
    assert taken is not None
    context = Context(taken, Hold(lease_of(taken)), PLATFORM, clock)
    seen = []
    for done in range(1, 11):
        context.progress(done, 10, f"第 {done} 步")
        run.refresh_from_db()
        seen.append(run.done)
        clock.forward(0.2)
    assert seen == [1, 1, 1, 4, 4, 4, 7, 7, 7, 10]


def test_progress_inside_a_transaction_is_not_stored(clock: HandClock) -> None:
    run = enqueue("sample.steps", {"n": 1}, scope=PLATFORM, now=clock.now)
    taken = take_next("w1", clock.now)
    assert taken is not None
    context = Context(taken, Hold(lease_of(taken)), PLATFORM, clock)
    with transaction.atomic():
        context.progress(1, 1)
    run.refresh_from_db()
    assert run.done == 0


def test_cancelling_stops_even_a_job_that_catches_everything(clock: HandClock) -> None:
    run = enqueue("sample.stubborn", scope=PLATFORM, now=clock.now)
    taken = take_next("w1", clock.now)
    assert taken is not None
    services.cancel(Scope.system("x"), run.id, now=clock.now)
    assert perform(taken, Hold(lease_of(taken)), clock, lambda: 0.5) == State.CANCELLED
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_a_worker_that_lost_its_lease_is_not_heard(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    first = take_next("w1", clock.now)
    assert first is not None
    clock.forward(61)
    leases.reclaim(clock.now, lambda: 0.5)
    second = take_next("w2", clock.now)
    assert second is not None
    assert perform(first, Hold(lease_of(first)), clock, lambda: 0.5) is None
    run.refresh_from_db()
    assert (run.state, run.worker, run.result) == (State.RUNNING, "w2", None)
    assert perform(second, Hold(lease_of(second)), clock, lambda: 0.5) == State.DONE
    assert steps_of(run) == [
        Step.QUEUED, Step.STARTED, Step.LOST, Step.STARTED, Step.LATE, Step.DONE,
    ]  # fmt: skip


def test_a_job_that_reports_learns_that_its_lease_is_lost(clock: HandClock) -> None:
    enqueue("sample.steps", {"n": 1}, scope=PLATFORM, now=clock.now)
    taken = take_next("w1", clock.now)
    assert taken is not None
    clock.forward(61)
    leases.reclaim(clock.now, lambda: 0.5)
    hold = Hold(lease_of(taken))
    with pytest.raises(Stopped):
        Context(taken, hold, PLATFORM, clock).progress(1, 2)
    assert hold.lost.is_set()


def test_a_leaving_worker_hands_its_run_back_unharmed(clock: HandClock) -> None:
    run = enqueue("sample.stubborn", scope=PLATFORM, now=clock.now)
    taken = take_next("w1", clock.now)
    assert taken is not None
    hold = Hold(lease_of(taken))
    hold.leaving.set()
    assert perform(taken, hold, clock, lambda: 0.5) == State.QUEUED
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.QUEUED, 0)
    assert take_next("w2", clock.now) is not None


def test_a_run_acts_with_what_its_person_may_then_and_now(clock: HandClock) -> None:
    province = factories.org("122000")
    city = factories.org("122010", province)
    wang = factories.person("wang", province, factories.role("watch", ["monitoring.view", "audit.view"]))
    narrow = Scope(wang.pk, "王芳", {"monitoring.view": (city.path,)}, address="10.0.0.7", via="api")
    enqueue("sample.add", {"left": 1}, scope=narrow, now=clock.now)
    assert clock.work() == State.DONE
    scope = sample_jobs.CALLS[0][1]
    assert (scope.actor_id, scope.via, scope.address) == (wang.pk, "job", "10.0.0.7")
    assert dict(scope.grants) == {"monitoring.view": (city.path,)}


def test_a_run_of_a_closed_account_is_refused(clock: HandClock) -> None:
    wang = factories.person("wang", factories.org("122000"))
    enqueue("sample.add", {"left": 1}, scope=Scope(wang.pk, "王芳"), now=clock.now)
    wang.is_active = False
    wang.save()
    assert clock.work() == State.FAILED
    assert "停用" in JobRun.objects.get().error


def test_a_run_asked_for_by_nobody_may_nothing(clock: HandClock) -> None:
    enqueue("sample.add", {"left": 1}, scope=Scope(None, "未登录"), now=clock.now)
    clock.work()
    scope = sample_jobs.CALLS[0][1]
    assert not scope.is_system
    assert not scope.has("audit.view")


def test_any_other_django_tasks_worker_can_do_a_run_too(clock: HandClock) -> None:
    run = enqueue("sample.add", {"left": 1}, scope=PLATFORM, now=clock.now)
    task.call(run.id)
    run.refresh_from_db()
    assert run.state == State.DONE
    task.call(run.id)
    assert steps_of(run).count(Step.STARTED) == 1
