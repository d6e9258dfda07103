"""The supervisor (进程管理): starts the platform's processes, keeps them running, leaves none behind.

Children sit in process groups of their own and are killed by the kernel when we die (`children`), so a
`kill -9` of the supervisor leaves nothing. A child that ends is started again, at once the first time,
later and later when it keeps failing.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from taxops.engines.base import TaxopsError
from taxops.project.children import end, pid_alive, tail

BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S = 5.0
"""A child that lived this long had come up: its next end counts as its first."""
GRACE_S = 4.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One process that is kept running (受管进程).

    Args:
        name: in files and on the console.
        title: its Chinese name.
        start: starts it; called from the main thread, again after each crash.
        log: where its words go.
        restart: whether an exit with code 0 is also answered by a new start.
        end_signal: how it is asked to end.
    """

    name: str
    title: str
    start: Callable[[], subprocess.Popen[bytes]]
    log: Path
    restart: bool = True
    end_signal: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float | None = None
    restarts: int = field(default=0)

    @property
    def pid(self) -> int | None:
        """Return its process id while it lives."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None


def back_off(failures: int) -> float:
    """Return how long to wait before the next start after so many failures in a row (退避)."""
    return BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)]


class Interrupted(Exception):
    """The order to end came while something was being waited for."""


class Supervisor:
    """Keeps children running until told to end."""

    def __init__(self, state_file: Path, say: Say) -> None:
        self.state_file = state_file
        self.say = say
        self.children: list[Child] = []
        self.ending = False
        self.hurry = False
        self.facts: dict[str, object] = {}
        self._wake_r, self._wake_w = os.pipe()
        for fd in (self._wake_r, self._wake_w):
            os.set_blocking(fd, False)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Listen to SIGINT, SIGTERM, SIGHUP and SIGCHLD within the block; end all children after it."""

        def told(number: int, _: FrameType | None) -> None:
            if number != signal.SIGCHLD:
                self.hurry = self.ending  # asked twice: no more patience
                self.ending = True

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
        before = {number: signal.signal(number, told) for number in numbers}
        wake_before = signal.set_wakeup_fd(self._wake_w, warn_on_full_buffer=False)
        try:
            yield
        finally:
            self.end()
            signal.set_wakeup_fd(wake_before)
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> None:
        """Sleep, or until a signal comes."""
        ready, _, _ = select.select([self._wake_r], [], [], max(0.0, seconds))
        if ready:
            os.read(self._wake_r, 4096)

    def add(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        self.children.append(child)
        self._start(child)
        self.write_state()

    def _start(self, child: Child) -> None:
        child.due_at = None
        child.started_at = time.monotonic()
        try:
            child.process = child.start()
        except (OSError, TaxopsError) as error:
            self.say(f"{child.title}（{child.name}）无法启动：{error}")
            self._again(child)

    def _again(self, child: Child) -> None:
        delay = back_off(child.failures)
        child.failures += 1
        child.due_at = time.monotonic() + delay

    def look(self) -> float:
        """Notice ended children, start those that are due; return seconds until the next is due."""
        now = time.monotonic()
        changed = False
        for child in self.children:
            if child.process is not None and child.due_at is None and child.process.poll() is not None:
                code = child.process.returncode
                changed = True
                child.process = None
                if code == 0 and not child.restart:
                    self.say(f"{child.title}（{child.name}）已结束。")
                    continue
                if now - child.started_at >= STEADY_S:
                    child.failures = 0
                words = f"被信号 {-code} 终止" if code < 0 else f"退出码 {code}"
                delay = back_off(child.failures)
                when = f"{delay:g} 秒后" if delay else "立即"
                self.say(
                    f"{child.title}（{child.name}）意外结束（{words}），{when}重新启动；日志 {child.log}"
                )
                if child.failures and (end_of_log := tail(child.log, 3)):
                    self.say("    " + end_of_log.replace("\n", "\n    "))
                self._again(child)
            if child.due_at is not None and now >= child.due_at:
                child.restarts += 1
                self._start(child)
                changed = True
        if changed:
            self.write_state()
        due = [child.due_at - now for child in self.children if child.due_at is not None]
        return max(0.0, min(due, default=1.0))

    def wait_for(self, test: Callable[[], bool], *, limit: float, step: float = 0.05) -> bool:
        """Wait until `test` holds, keeping children meanwhile; return whether it came to hold in time.

        Raises:
            Interrupted: the order to end came.
        """
        until = time.monotonic() + limit
        while not test():
            if self.ending:
                raise Interrupted
            if time.monotonic() >= until:
                return False
            self.look()
            self.wait(step)
        return True

    def run(self) -> None:
        """Keep the children until told to end."""
        while not self.ending:
            self.wait(min(1.0, self.look()))

    def end(self) -> None:
        """End every child: all together, then by force; databases last, when nobody uses them any more."""
        self.ending = True
        for sig in (signal.SIGTERM, signal.SIGINT):
            these = [child.process for child in self.children if child.process and child.end_signal == sig]
            end(these, grace=GRACE_S, sig=sig, hurry=lambda: self.hurry)
        self.state_file.unlink(missing_ok=True)

    def pids(self) -> dict[str, int | None]:
        """Return the process ids by name."""
        return {child.name: child.pid for child in self.children}

    def write_state(self) -> None:
        """Write who runs where, for tests and for `taxops doctor`."""
        content = {
            **self.facts,
            "pid": os.getpid(),
            "processes": {
                child.name: {"pid": child.pid, "restarts": child.restarts} for child in self.children
            },
        }
        draft = self.state_file.with_name(self.state_file.name + ".new")
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1))
        draft.replace(self.state_file)


def running(state_file: Path) -> dict[str, object] | None:
    """Return what a state file tells, if the supervisor that wrote it still lives."""
    try:
        told: dict[str, object] = json.loads(state_file.read_text())
    except (OSError, ValueError):
        return None
    pid = told.get("pid")
    return told if isinstance(pid, int) and pid_alive(pid) else None


def run_once(
    argv: Sequence[str], *, env: dict[str, str], log: Path, supervisor: Supervisor, limit: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a preparing step to its end, stopping it when the order to end comes; it answers on its output.

    Raises:
        Interrupted: the order to end came.
        subprocess.TimeoutExpired: it takes too long.
    """
    from taxops.project.children import spawn

    process = spawn(argv, log=log, env=env, pipes=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    os.set_blocking(process.stdout.fileno(), False)
    output = bytearray()
    try:

        def finished() -> bool:
            assert process.stdout is not None
            ended = process.poll() is not None
            while part := process.stdout.read(65536):
                output.extend(part)
            return ended

        if not supervisor.wait_for(finished, limit=limit):
            raise subprocess.TimeoutExpired(list(argv), limit)
    finally:
        end([process], grace=1.0)
    return subprocess.CompletedProcess(list(argv), process.returncode, bytes(output), b"")
