"""How each service of the lab is started, broken and healed; one unit per service, used by the keeper alone."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from taxops.engines.base import Unavailable
from taxops.project.children import end, python, signal_group, spawn, tail
from taxops.project.lab import certificates
from taxops.project.lab.plan import DNS_NAMES, Lab

START_LIMIT_S = 20.0


class Unit(Protocol):
    """One service as the keeper handles it (受管服务)."""

    def begin(self) -> None:
        """Start it without waiting."""

    def wait_ready(self) -> None:
        """Wait until it serves; Unavailable when it does not."""

    def apply(self, mode: str) -> None:
        """Break it in one of its modes; done when the call returns."""

    def heal(self, mode: str) -> None:
        """Undo a mode; it serves again when the call returns."""

    def main_pid(self) -> int | None:
        """Return the process that is the service; None when it is not running."""

    def end(self) -> None:
        """End all its processes."""


def pid_of(process: subprocess.Popen[bytes] | None) -> int | None:
    """Return a process's id while it lives."""
    return process.pid if process is not None and process.poll() is None else None


def frozen(pid: int) -> bool:
    """Test whether a process is stopped by a signal (SIGSTOP)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (OSError, IndexError):
        return False  # gone, or a system without /proc


def wait_frozen(pid: int) -> None:
    """Wait until the kernel has stopped a process."""
    limit = time.monotonic() + 2
    while not frozen(pid) and time.monotonic() < limit:
        time.sleep(0.002)


class Told:
    """A process of ours that is told its mode on standard input (see `services.runtime`)."""

    def __init__(self, lab: Lab, module: str, *arguments: str) -> None:
        self.argv = python(f"taxops.project.lab.services.{module}", *arguments)
        self.log = lab.folder / "logs" / f"{module}.out"
        self.process: subprocess.Popen[bytes] | None = None
        self.said = b""

    def begin(self) -> None:
        """Start it without waiting."""
        self.process, self.said = spawn(self.argv, log=self.log, pipes=True), b""

    def expect(self, line: str) -> None:
        """Wait for a line from the process.

        What it says is read past Python's buffer: a second line that came with the first would wait in the
        buffer unseen, while the pipe looks empty.

        Raises:
            Unavailable: it ends or stays silent instead.
        """
        assert self.process is not None
        assert self.process.stdout is not None
        stdout, limit = self.process.stdout, time.monotonic() + START_LIMIT_S
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while True:
                while b"\n" in self.said:
                    got, _, self.said = self.said.partition(b"\n")
                    if got.decode().strip() == line:
                        return
                if not selector.select(max(0.0, limit - time.monotonic())):
                    break
                if not (more := os.read(stdout.fileno(), 4096)):
                    break
                self.said += more
        raise Unavailable(f"实验室进程 {self.log.stem} 没有就绪。", tail(self.log))

    def wait_ready(self) -> None:
        """Wait until it serves."""
        self.expect("ready")

    def tell(self, mode: str) -> None:
        """Have it take on a mode, and wait until it has."""
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"mode {mode}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Unavailable(f"实验室进程 {self.log.stem} 已退出。", tail(self.log)) from error
        self.expect(f"mode {mode}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        kill(self.process)


def kill(process: subprocess.Popen[bytes] | None) -> None:
    """End a process at once, as a crash would, and see it gone."""
    if process is not None and process.poll() is None:
        signal_group(process, signal.SIGKILL)
        process.wait(10)


def freeze(process: subprocess.Popen[bytes] | None) -> None:
    """Stop a process where it stands: it keeps its sockets and answers nothing."""
    if process is not None and process.poll() is None:
        os.kill(process.pid, signal.SIGSTOP)
        wait_frozen(process.pid)


def thaw(process: subprocess.Popen[bytes] | None) -> None:
    """Let a stopped process go on."""
    if process is not None and process.poll() is None:
        os.kill(process.pid, signal.SIGCONT)


class Own:
    """A service that is one of our own processes."""

    def __init__(self, told: Told, *, by_word: tuple[str, ...] = ()) -> None:
        self.told = told
        self.by_word = by_word

    def begin(self) -> None:
        """Start it without waiting."""
        self.told.begin()

    def wait_ready(self) -> None:
        """Wait until it serves."""
        self.told.wait_ready()

    def apply(self, mode: str) -> None:
        """Break it: by a signal, or by telling it."""
        if mode == "stop" and "stop" not in self.by_word:
            self.told.kill()
        elif mode == "hang":
            freeze(self.told.process)
        else:
            self.told.tell(mode)

    def heal(self, mode: str) -> None:
        """Start, wake or reform it."""
        if self.main_pid() is None:
            self.begin()
            self.wait_ready()
        elif mode == "hang":
            thaw(self.told.process)
        else:
            self.told.tell("ok")

    def main_pid(self) -> int | None:
        """Return its process."""
        return pid_of(self.told.process)

    def end(self) -> None:
        """End its process."""
        if self.told.process is not None:
            end([self.told.process], grace=1.0)


class Kafka(Own):
    """The broker, and the producer and consumer that keep it busy."""

    def __init__(self, lab: Lab) -> None:
        address = lab["kafka"]
        super().__init__(Told(lab, "kafka_broker", str(address.port)))
        self.clients = Told(lab, "kafka_clients", address.target)

    def wait_ready(self) -> None:
        """Wait for the broker; its clients find it by themselves."""
        super().wait_ready()
        self.clients.kill()  # the mock forgets everything when it ends: let them begin anew as well
        self.clients.begin()

    def apply(self, mode: str) -> None:
        """Break the broker, or only the consumer."""
        if mode == "lag":
            self.clients.tell("lag")
        else:
            super().apply(mode)

    def heal(self, mode: str) -> None:
        """Bring back the broker, or let the consumer catch up."""
        if mode == "lag":
            self.clients.tell("ok")
        else:
            super().heal(mode)

    def end(self) -> None:
        """End all three."""
        self.clients.kill()
        super().end()


def own_units(lab: Lab) -> dict[str, Unit]:
    """Return the units that need nothing but our own packages, PostgreSQL excepted."""
    certificates.make(lab.folder / "tls", datetime.now(UTC))
    names = [f"{name}=127.0.0.1" for name in DNS_NAMES]
    heartbeat = lab["heartbeat"].facts
    return {
        "acceptance": Own(Told(lab, "acceptance", str(lab["acceptance"].port))),
        "tls": Own(Told(lab, "tls", str(lab["tls"].port), str(lab.folder / "tls"))),
        "dns": Own(Told(lab, "dns", str(lab["dns"].port), *names)),
        "logs": Own(Told(lab, "logs", str(lab.folder / "logs")), by_word=("stop",)),
        "heartbeat": Own(Told(lab, "heartbeat", heartbeat["file"], str(heartbeat["every_s"]))),
        "kafka": Kafka(lab),
    }
