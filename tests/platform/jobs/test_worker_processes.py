"""Real workers: killed in the middle, told to leave, several at once."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platform.own_database import OwnDatabase, own_database

pytestmark = [pytest.mark.real, pytest.mark.slow]

WORKER = """
import tests.platform.jobs.sample_jobs
from taxops.platform.jobs.models import Schedule
from taxops.platform.jobs.worker import Pace, Worker
pace = Pace(poll_s=0.1, keep_s=0.1, beat_s=0.5, grace_s=float(sys.argv[1]))
worker = Worker(threads=int(sys.argv[2]), pace=pace)
worker.obey_signals()
sys.exit(worker.run())
"""
ENQUEUE = """
import tests.platform.jobs.sample_jobs
from datetime import datetime, UTC
from taxops.engines.base import Scope
from taxops.platform.jobs.services import enqueue
for args in json.loads(sys.argv[1]):
    run = enqueue("sample.write", args, scope=Scope.system("测试"), now=datetime.now(UTC))
print(json.dumps(run.id))
"""
EMPTY = """
from django_tasks_db.models import DBTaskResult
from taxops.platform.jobs.models import JobRun, Schedule
for model in (JobRun, DBTaskResult, Schedule):
    model.objects.all().delete()
"""
RUNS = """
from taxops.platform.jobs.models import JobRun
def row(run):
    steps = list(run.events.order_by("id").values_list("step", flat=True))
    return [run.state, run.attempt, run.claim, run.result, steps]
print(json.dumps([row(run) for run in JobRun.objects.filter(name="sample.write").order_by("created_at")]))
"""
TICK = """
import tests.platform.jobs.sample_jobs
from datetime import datetime, timedelta, UTC
from taxops.platform.jobs import scheduling
claimed = []
for n in range(60):
    now = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=5 * n)
    for name, expression, slot in list(scheduling.list_due(now)):
        if name == "sample.slot" and scheduling.claim_slot(name, expression, slot, now):
            claimed.append(slot.isoformat())
print(json.dumps(claimed))
"""
PLAN = """
import tests.platform.jobs.sample_jobs
from datetime import datetime, UTC
from taxops.platform.jobs import scheduling
scheduling.sync(datetime(2026, 5, 31, 23, 59, tzinfo=UTC))
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    with own_database(tmp_path_factory.mktemp("own")) as database:
        yield database


@pytest.fixture
def database(shared: OwnDatabase) -> OwnDatabase:
    """Return the module's database, emptied of runs."""
    shared.run(EMPTY)
    return shared


@pytest.fixture
def workers(database: OwnDatabase) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Yield a way to start workers; what is left of them in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(grace: float = 20.0, threads: int = 1) -> subprocess.Popen[str]:
        started.append(database.start(WORKER, grace, threads))
        return started[-1]

    yield start
    print(database.complaints())
    for worker in started:
        worker.kill()
        worker.communicate(timeout=30)


def until(true: Callable[[], Any], seconds: float = 90.0) -> Any:
    """Return the first true answer; the limit is generous, it only ends a test that has failed."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        answer = true()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not come true")


def all_done(database: OwnDatabase) -> list[list[Any]]:
    """Return all runs, as soon as every one of them is done."""

    def done() -> list[list[Any]] | None:
        rows: list[list[Any]] = database.run(RUNS)
        return rows if all(row[0] == "done" for row in rows) else None

    found: list[list[Any]] = until(done)
    return found


def lines(path: Path, word: str) -> list[list[str]]:
    return (
        [line.split() for line in path.read_text().splitlines() if line.startswith(word)]
        if path.exists()
        else []
    )


def test_a_run_whose_worker_is_killed_is_done_by_another(
    database: OwnDatabase, workers: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "out"
    database.run(ENQUEUE, f'[{{"path": "{path}", "seconds": 1.0, "kill_first": 1}}]')
    first = workers()
    assert first.wait(90) == -signal.SIGKILL, "the job killed its own worker"
    workers()
    until(lambda: lines(path, "end"))
    ((state, attempt, claim, result, steps),) = all_done(database)
    assert (state, attempt, claim, result) == ("done", 2, 2, {"attempt": 2})
    assert steps == ["queued", "started", "lost", "started", "done"]
    begun = lines(path, "begin")
    assert len(begun) == 2
    assert begun[0][2] != begun[1][2], "another process"
    assert len(lines(path, "end")) == 1


def test_sigterm_lets_the_run_end(database: OwnDatabase, workers: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "out"
    database.run(ENQUEUE, f'[{{"path": "{path}", "seconds": 1.5}}, {{"path": "{path}", "seconds": 0}}]')
    worker = workers()
    until(lambda: lines(path, "begin"))
    worker.terminate()
    assert worker.wait(60) == 0
    states = [row[0] for row in database.run(RUNS)]
    assert states == ["done", "queued"], "the present run ends, no other is begun"


def test_sigterm_hands_back_what_does_not_end_in_time(
    database: OwnDatabase, workers: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "out"
    database.run(ENQUEUE, f'[{{"path": "{path}", "seconds": 600}}]')
    worker = workers(grace=0.2)
    until(lambda: lines(path, "begin"))
    worker.terminate()
    assert worker.wait(60) in (0, 1)
    ((state, attempt, _, _, steps),) = database.run(RUNS)
    assert (state, attempt) == ("queued", 0), "the attempt does not count"
    assert steps == ["queued", "started", "handed_back"]


def test_many_workers_do_every_run_once(
    database: OwnDatabase, workers: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "out"
    jobs = ", ".join(f'{{"path": "{path}", "seconds": 0}}' for _ in range(40))
    database.run(ENQUEUE, f"[{jobs}]")
    for _ in range(3):
        workers(threads=2)
    until(lambda: len(lines(path, "end")) >= 40)
    rows = all_done(database)
    assert [(row[1], row[2]) for row in rows] == [(1, 1)] * 40
    assert len(lines(path, "begin")) == len(lines(path, "end")) == 40


def test_killing_workers_at_random_loses_no_run_and_doubles_no_result(
    database: OwnDatabase, workers: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "out"
    jobs = ", ".join(f'{{"path": "{path}", "seconds": 0.3}}' for _ in range(8))
    database.run(ENQUEUE, f"[{jobs}]")
    for n in range(2):
        worker = workers(threads=2)
        until(lambda begun=n * 2 + 1: len(lines(path, "begin")) >= begun)
        worker.kill()
    workers(threads=2)
    rows = all_done(database)
    assert len(rows) == 8
    for _, _, claim, _, steps in rows:
        assert steps.count("done") == 1
        assert steps.count("started") == claim
        assert steps.count("lost") == claim - 1


def test_schedulers_in_several_processes_never_claim_a_slot_twice(database: OwnDatabase) -> None:
    database.run(PLAN)
    schedulers = [database.start(TICK) for _ in range(3)]
    claimed: list[str] = []
    for scheduler in schedulers:
        out, _ = scheduler.communicate(timeout=120)
        assert scheduler.returncode == 0, database.complaints()
        claimed += json.loads(out.strip().splitlines()[-1])
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= 20
