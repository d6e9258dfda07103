"""The supervisor: crashed children come back, an order to end ends all of them, a kill leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taxops.project import supervisor
from taxops.project.children import end, pid_alive, spawn, tail
from taxops.project.supervisor import Child, Supervisor, back_off

pytestmark = pytest.mark.real

SLEEP = "import time\nprint('up', flush=True)\ntime.sleep(600)"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP
FAMILY = (
    "import subprocess, sys, time\n"
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(p.pid, flush=True)\ntime.sleep(600)"
)

# a supervisor in a process of its own: children by name from the command line, told what to run
PROGRAM = """
import json, sys
from pathlib import Path
from taxops.project.children import spawn
from taxops.project.supervisor import Child, Supervisor
folder = Path(sys.argv[1])
s = Supervisor(folder / "state.json", lambda words: print(words, flush=True))
with s.signals():
    for name, code in json.loads(sys.argv[2]).items():
        log = folder / f"{name}.log"
        start = lambda code=code, log=log: spawn([sys.executable, "-c", code], log=log)
        s.add(Child(name, name, start, log))
    print("ready", flush=True)
    s.run()
print("bye", flush=True)
"""


def eventually(test: Callable[[], bool], seconds: float = 30.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if test():
            return True
        time.sleep(0.02)
    return False


class Outside:
    """A supervisor in another process."""

    def __init__(self, folder: Path, **children: str) -> None:
        self.folder = folder
        argv = [sys.executable, "-c", PROGRAM, str(folder), json.dumps(children)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "state.json").read_text())["processes"]
        return told

    def pid(self, name: str) -> int:
        pid = self.state()[name]["pid"]
        assert isinstance(pid, int)
        return pid

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Callable[..., Outside]]:
    made: list[Outside] = []

    def make(**children: str) -> Outside:
        made.append(Outside(tmp_path, **children))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_killed_child_is_started_again_at_once(outside: Callable[..., Outside]) -> None:
    site = outside(web=SLEEP, worker=SLEEP)
    web, worker = site.pid("web"), site.pid("worker")
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: site.state()["web"]["pid"] not in {web, None})
    assert site.state()["web"]["restarts"] == 1
    assert site.pid("worker") == worker


def test_a_child_that_keeps_failing_is_given_more_and_more_time(outside: Callable[..., Outside]) -> None:
    site = outside(web="raise SystemExit('no database')", worker=SLEEP)
    time.sleep(2.0)  # enough for several dozens of starts if nobody held back
    assert 2 <= site.state()["web"]["restarts"] <= 4
    assert "no database" in (site.folder / "web.log").read_text()


def test_waiting_grows_and_has_a_limit() -> None:
    waits = [back_off(number) for number in range(20)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[-1] == supervisor.BACK_OFF_S[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_order_to_end_ends_children_and_grandchildren(
    outside: Callable[..., Outside], number: int
) -> None:
    site = outside(web=FAMILY, worker=SLEEP)
    log = site.folder / "web.log"
    assert eventually(lambda: log.read_text().strip().isdigit())
    pids = [site.pid("web"), site.pid("worker"), int(log.read_text())]
    site.process.send_signal(number)
    assert site.process.wait(10) == 0
    assert not any(pid_alive(pid) for pid in pids)
    assert not (site.folder / "state.json").exists()


def test_a_child_that_will_not_listen_is_ended_by_force(outside: Callable[..., Outside]) -> None:
    site = outside(web=STUBBORN)
    assert eventually(lambda: "up" in (site.folder / "web.log").read_text())
    pid = site.pid("web")
    site.process.terminate()
    assert site.process.wait(supervisor.GRACE_S + 5) == 0
    assert not pid_alive(pid)


def test_a_second_order_to_end_does_not_wait(outside: Callable[..., Outside]) -> None:
    site = outside(web=STUBBORN)
    assert eventually(lambda: "up" in (site.folder / "web.log").read_text())
    site.process.terminate()
    time.sleep(0.3)
    began = time.monotonic()
    site.process.terminate()
    site.process.wait(10)
    assert time.monotonic() - began < supervisor.GRACE_S - 1


def test_killing_the_supervisor_leaves_no_child(outside: Callable[..., Outside]) -> None:
    site = outside(web=STUBBORN, worker=SLEEP)
    pids = [site.pid("web"), site.pid("worker")]
    site.process.kill()
    site.process.wait()
    assert eventually(lambda: not any(pid_alive(pid) for pid in pids), 30)


def test_a_program_that_is_missing_is_told_and_tried_again(tmp_path: Path) -> None:
    words: list[str] = []
    site = Supervisor(tmp_path / "state.json", words.append)
    log = tmp_path / "x.log"
    with site.signals():
        site.add(Child("x", "某进程", lambda: spawn([tmp_path / "nothing"], log=log), log))
        site.look()
        site.ending = True
    assert any("某进程（x）无法启动" in line for line in words)


def test_a_child_that_was_meant_to_end_is_left_alone(tmp_path: Path) -> None:
    words: list[str] = []
    site = Supervisor(tmp_path / "state.json", words.append)
    log = tmp_path / "x.log"
    with site.signals():
        site.add(Child("x", "某进程", lambda: spawn([sys.executable, "-c", ""], log=log), log, restart=False))
        assert site.wait_for(lambda: site.children[0].pid is None, limit=10)
        site.look()
        assert site.children[0].restarts == 0
    assert words == ["某进程（x）已结束。"]


def test_a_dead_supervisors_state_file_is_not_believed(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    assert supervisor.running(state) is None
    state.write_text("{not json")
    assert supervisor.running(state) is None
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    state.write_text(json.dumps({"pid": int(done.stdout)}))
    assert supervisor.running(state) is None
    state.write_text(json.dumps({"pid": os.getpid()}))
    assert supervisor.running(state) is not None


def test_long_logs_are_put_aside_and_their_end_can_be_shown(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("旧\n" * 3_000_000)
    process = spawn(
        [sys.executable, "-c", "print('新的一行')"], log=log, env={**os.environ, "PYTHONIOENCODING": "utf-8"}
    )
    process.wait(10)
    assert tail(log) == "新的一行"
    assert log.with_name("web.log.1").exists()


def test_ending_what_has_ended_is_fine(tmp_path: Path) -> None:
    process = spawn([sys.executable, "-c", ""], log=tmp_path / "x.log")
    process.wait(10)
    end([process], grace=1)
