"""Real peers in temporary folders on loopback: started, waited for, ended by their own process id."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from taxops.project.embedded import free_port
from tests.engines.checks.kinds.conftest import program as need

__all__ = ["free_port", "listening", "need", "running", "until"]


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            if what():
                return
        assert time.monotonic() < end, "the peer did not come up in time"
        time.sleep(0.05)


def listening(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 0.5):
        return True


@contextlib.contextmanager
def running(words: list[str], folder: Path, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in the foreground; wait for its port; end it afterwards."""
    with (folder / f"{port or 'peer'}.log").open("ab") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    try:
        if port is not None:
            until(lambda: process.poll() is not None or listening(port))
            assert process.poll() is None, (folder / f"{port}.log").read_text(errors="replace")[-500:]
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
