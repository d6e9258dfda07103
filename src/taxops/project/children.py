"""Child processes (子进程) that cannot outlive their parent, and their orderly end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
LOG_LIMIT = 5 * 1024 * 1024
"""A log longer than this is put aside (as `….log.1`) when its process is started next."""


def die_with_parent(sig: int = signal.SIGKILL) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel send `sig` to the child when its parent dies, however it dies.

    The kernel watches the *thread* that forked, so callers start children from their main thread.
    On systems other than Linux the children are only ended by an orderly stop.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, sig, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl: nobody would tell us any more
            os._exit(1)

    return before_exec


def open_log(path: Path) -> IO[bytes]:
    """Return a log opened for appending; a long one is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    pipes: bool = False,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own that dies with us; its words go to `log`.

    Args:
        argv: program and arguments.
        log: where standard error (and, without pipes, standard output) is appended.
        env: its whole environment; None: ours.
        cwd: its working folder.
        pipes: connect its standard input and output to us.
        pass_fds: open descriptors it inherits.
    """
    with open_log(log) as words:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipes else words,
            stderr=words,
            env=None if env is None else dict(env),
            cwd=cwd,
            process_group=0,
            pass_fds=pass_fds,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # started from the main thread, before any other
        )


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs one of our modules with this very interpreter."""
    return [sys.executable, "-m", module, *arguments]


def signal_group(process: subprocess.Popen[bytes], sig: int) -> None:
    """Send a signal to a child and everything in its process group; gone ones are fine."""
    try:
        os.killpg(process.pid, sig)
    except (ProcessLookupError, PermissionError):
        return


def pid_alive(pid: int) -> bool:
    """Test whether a process runs; one that has ended but was not collected (a zombie) does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        if sys.platform == "linux":
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return state not in {"Z", "X"}


def end(
    processes: Iterable[subprocess.Popen[bytes]],
    *,
    grace: float,
    sig: int = signal.SIGTERM,
    hurry: Callable[[], bool] = lambda: False,
) -> None:
    """End children together: ask, wait up to `grace` seconds in all, then kill what is left.

    Args:
        processes: the children; those that have ended are left alone.
        grace: seconds for all of them together.
        sig: how they are asked.
        hurry: tells when patience has ended before the grace has.
    """
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        signal_group(process, sig)
        signal_group(process, signal.SIGCONT)  # a stopped one must hear it too
    limit = time.monotonic() + grace
    while alive and time.monotonic() < limit and not hurry():
        alive = [process for process in alive if process.poll() is None]
        if alive:
            time.sleep(0.02)
    for process in alive:
        signal_group(process, signal.SIGKILL)
    for process in alive:
        process.wait(5)


def tail(path: Path, lines: int = 5) -> str:
    """Return the last lines of a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 4096))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])
