"""What must be right before any process is started (启动前检查); each fault is one clear Chinese message."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from taxops.engines.base import BadInput, Conflict, Unavailable
from taxops.project import config

BACKLOG = 1024


def holder_of(port: int) -> str:
    """Return who listens on a port, in words; empty when that cannot be told."""
    import psutil  # only when something is wrong

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                if connection.pid:
                    return f"{psutil.Process(connection.pid).name()}，进程号 {connection.pid}"
                return ""
    except psutil.Error:
        return ""  # not ours to see
    return ""


def _bind(door: socket.socket, address: Any) -> None:
    """Take an address; one that a killed predecessor's children still hold becomes free in a moment."""
    for _ in range(5):
        try:
            return door.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            time.sleep(0.2)
    return door.bind(address)


def listen(host: str, port: int) -> socket.socket:
    """Return the listening socket of the web; we hold it, so a restarted web process loses no caller.

    Raises:
        Conflict: somebody else listens there.
        BadInput: the address is not ours, or the port is reserved.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(
            f"监听地址「{host}」无法解析。", "请用 TAXOPS_HOST 指定本机的一个地址，如 127.0.0.1。"
        ) from error
    door = socket.socket(family, kind, proto)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(door, address)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            who = holder_of(port)
            raise Conflict(
                f"端口 {port} 已被占用" + (f"（{who}）。" if who else "。"),
                "请用 TAXOPS_PORT 换一个端口，或先结束占用它的程序。",
            ) from error
        if error.errno == errno.EACCES:
            raise BadInput(f"没有权限监听端口 {port}。", "请用 TAXOPS_PORT 指定 1024 以上的端口。") from error
        raise BadInput(
            f"无法在 {host}:{port} 上监听（{error.strerror}）。", "请用 TAXOPS_HOST 指定本机的一个地址。"
        ) from error
    return door


def lock(data: Path) -> IO[str]:
    """Return the lock of a data folder; held as long as it is open, gone when its process is gone.

    Raises:
        Conflict: another TaxOps runs on this folder.
    """
    held = (data / "supervisor.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.seek(0)
        pid = held.read().strip()
        held.close()
        raise Conflict(
            f"数据目录 {data} 上已经有一个 TaxOps 在运行" + (f"（进程号 {pid}）。" if pid else "。"),
            "请先结束它，或用 TAXOPS_DATA 指定另一个数据目录。",
        ) from error
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def _try_sqlite(path: str) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.rollback()
    except sqlite3.DatabaseError as error:
        raise BadInput(
            f"SQLite 数据库 {path} 无法使用（{error}）。",
            "请检查 TAXOPS_DATABASE_URL 指向的文件：目录应存在且可写，文件应是 SQLite 数据库。",
        ) from error


def _try_postgresql(told: dict[str, object]) -> None:
    import psycopg  # only where PostgreSQL is wanted

    where = f"{told['HOST'] or '本机'}:{told['PORT']}/{told['NAME']}"
    try:
        with psycopg.connect(
            host=str(told["HOST"]),
            port=str(told["PORT"]),
            dbname=str(told["NAME"]),
            user=str(told["USER"]),
            password=str(told["PASSWORD"]),
            connect_timeout=5,
        ) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        words = str(error).strip().splitlines()
        raise Unavailable(
            f"PostgreSQL {where} 连接不上：{words[-1] if words else error.__class__.__name__}",
            "请确认 TAXOPS_DATABASE_URL 的主机、端口、库名、用户和口令，以及数据库已经启动。",
        ) from error


def try_database(url: str) -> str:
    """Connect once; return the kind of database (`sqlite3`, `postgresql`).

    Raises:
        BadInput: the URL or the file cannot be used.
        Unavailable: the server does not answer or refuses us.
    """
    told = config.database(url)
    kind = str(told["ENGINE"]).rpartition(".")[2]
    if kind == "sqlite3":
        _try_sqlite(told["NAME"])
    else:
        _try_postgresql(told)
    return kind
