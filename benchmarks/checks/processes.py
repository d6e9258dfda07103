"""Starting, measuring and ending the processes of the benchmark; only our own, by their ids."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Processes:
    """Children that end with the benchmark."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, argv: Sequence[str], **env: str) -> subprocess.Popen[bytes]:
        """Start a child whose words go to a log of its name."""
        log = (self.folder / f"{name}.log").open("wb")
        child = subprocess.Popen(
            argv, stdout=log, stderr=log, env={**os.environ, **env}, start_new_session=True
        )
        self.children.append(child)
        return child

    def end(self, child: subprocess.Popen[bytes]) -> float:
        """End a child and return how long it took."""
        began = time.monotonic()
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        return time.monotonic() - began

    def end_all(self) -> None:
        """End every child, the last first."""
        for child in reversed(self.children):
            self.end(child)


def cpu_s(pid: int) -> float:
    """Return CPU seconds of a process and its living children."""
    total = 0.0
    for each in [pid, *_descendants(pid)]:
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_descendants(int(child))]
    except OSError:
        return found
    return found


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def wait_for(url: str, seconds: float = 10.0) -> None:
    """Wait until an address answers.

    Raises:
        TimeoutError: it never did.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)
