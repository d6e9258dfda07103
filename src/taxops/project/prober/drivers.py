"""Database drivers (数据库驱动) for checks: read-only sessions on PostgreSQL, SQLite and what is optional."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from taxops.engines.checks import Failed, Rows, Verdict, in_thread

from . import optional_drivers

_CONNECTING = (
    ("password authentication failed", "账号或口令错误"),
    ("no password supplied", "没有填写口令"),
    ("no pg_hba.conf entry", "数据库不允许从这里以该账号登录"),
    ("too many clients", "数据库连接数已满"),
    ("remaining connection slots", "数据库连接数已满"),
    ("the database system is starting up", "数据库正在启动"),
    ("the database system is shutting down", "数据库正在关闭"),
    ("the database system is in recovery", "数据库正在恢复"),
    ("timeout expired", "连接超时，没有应答"),
    ("timeout", "连接超时，没有应答"),
    ("connection refused", "连接被拒绝，端口上没有服务在监听"),
    ("could not translate host name", "主机名无法解析"),
    ("name or service not known", "主机名无法解析"),
    ("closed the connection unexpectedly", "对方关闭了连接，可能不是 PostgreSQL"),
    ("invalid response", "对方返回的不是 PostgreSQL 协议"),
    ("received invalid", "对方返回的不是 PostgreSQL 协议"),
)
_STATES = {
    "42501": ("账号没有读取这些数据的权限", Verdict.UNKNOWN),
    "25006": ("语句试图修改数据，已被只读会话拒绝", Verdict.UNKNOWN),
    "42601": ("SQL 语法有误", Verdict.UNKNOWN),
    "42P01": ("SQL 中的表不存在", Verdict.UNKNOWN),
    "42703": ("SQL 中的列不存在", Verdict.UNKNOWN),
    "42883": ("SQL 中的函数不存在", Verdict.UNKNOWN),
    "55P03": ("等待锁超时", Verdict.CRITICAL),
}
_OPTIONAL = {"oracle": optional_drivers.oracle, "mysql": optional_drivers.mysql}
_PERMITTED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a query answered (查询结果)."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    truncated: bool


class Drivers:
    """The `Database` of the engine (数据库驱动): chooses the driver by the address."""

    async def query(
        self, target: str, sql: str, *, user: str, password: str, timeout_s: float, most_rows: int
    ) -> Rows:
        """Run one SELECT in a read-only session.

        Raises:
            Failed: no connection, no permission, a wrong statement, or it took too long.
        """
        if target.startswith("sqlite:"):
            path = "/" + unquote(urlsplit(target).path).lstrip("/")
            return await in_thread(lambda: _sqlite(path, sql, timeout_s, most_rows))
        optional = _OPTIONAL.get(urlsplit(target).scheme)
        if optional is not None:
            given = (target, sql, user, password, timeout_s, most_rows)
            columns, rows = await in_thread(lambda: optional(*given))
            return Answered(columns, rows[:most_rows], len(rows) > most_rows)
        return await _postgresql(target, sql, user, password, timeout_s, most_rows)


def _sqlite(path: str, sql: str, timeout_s: float, most_rows: int) -> Answered:
    until = time.monotonic() + timeout_s * 0.95
    try:
        connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=min(2.0, timeout_s))
    except sqlite3.Error as error:
        raise Failed(f"SQLite 文件 {path} 打不开：不存在或没有权限。") from error
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _PERMITTED else sqlite3.SQLITE_DENY
        )
        connection.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
        cursor = connection.execute(sql)
        rows = cursor.fetchmany(most_rows + 1)
        columns = tuple(item[0] for item in cursor.description or ())
        return Answered(columns, rows[:most_rows], len(rows) > most_rows)
    except sqlite3.Error as error:
        raise _sqlite_failure(path, error, timeout_s) from error
    finally:
        connection.close()


def _sqlite_failure(path: str, error: sqlite3.Error, timeout_s: float) -> Failed:
    text = str(error)
    if "interrupted" in text:
        return Failed(f"SQL 超过 {timeout_s:g} 秒没有执行完，已中止。")
    if "unable to open" in text:
        return Failed(f"SQLite 文件 {path} 打不开：不存在或没有权限。")
    if "not a database" in text:
        return Failed(f"{path} 不是 SQLite 数据库文件。")
    if "malformed" in text:
        return Failed(f"SQLite 文件 {path} 已损坏。")
    if "locked" in text:
        return Failed(f"SQLite 文件 {path} 被锁住，没有读到。")
    if "not authorized" in text or "prohibited" in text:
        return Failed("语句试图做读取以外的事，已被拒绝。", Verdict.UNKNOWN)
    return Failed(f"SQL 有误：{text[:160]}。", Verdict.UNKNOWN)


async def _postgresql(
    target: str, sql: str, user: str, password: str, timeout_s: float, most_rows: int
) -> Answered:
    import psycopg  # 10 MB; only probers with data checks need it

    parts = urlsplit(target)
    options: dict[str, Any] = {
        "host": parts.hostname or "",
        "port": parts.port or 5432,
        "dbname": unquote(parts.path.lstrip("/")),
        "connect_timeout": max(2, int(timeout_s)),
        "application_name": "taxops-check",
        "tcp_user_timeout": int(timeout_s * 1000),
    }
    if user:
        options["user"] = user
    if password:
        options["password"] = password
    try:
        connection = await psycopg.AsyncConnection.connect(**options)
    except psycopg.Error as error:
        raise _connect_failure(str(error)) from error
    async with connection:
        try:
            # one round trip; SET LOCAL passes through poolers where start-up options do not
            timeout_ms = max(1, int(timeout_s * 950))
            await connection.execute(
                f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {timeout_ms}; "
                f"SET LOCAL lock_timeout = {timeout_ms}"
            )
            # DECLARE CURSOR takes nothing but a SELECT, and fetches no more rows than asked for
            async with connection.cursor(name="taxops_check") as cursor:
                await cursor.execute(sql.encode())
                rows = await cursor.fetchmany(most_rows + 1)
                columns = tuple(item.name for item in cursor.description or ())
            await connection.rollback()
        except psycopg.Error as error:
            raise _query_failure(error, timeout_s) from error
    return Answered(columns, rows[:most_rows], len(rows) > most_rows)


def _connect_failure(text: str) -> Failed:
    lowered = text.lower()
    if 'database "' in lowered and "does not exist" in lowered:
        return Failed("数据库不存在，请核对库名。")
    if 'role "' in lowered and "does not exist" in lowered:
        return Failed("数据库拒绝登录：账号或口令错误。")
    for sign, words in _CONNECTING:
        if sign in lowered:
            return Failed(f"数据库连接失败：{words}。")
    return Failed(f"数据库连接失败：{text.strip().splitlines()[-1][:160] if text.strip() else '原因不明'}。")


def _query_failure(error: Any, timeout_s: float) -> Failed:
    state = error.sqlstate or ""
    detail = (error.diag.message_primary or str(error)).strip()[:160]
    if state == "57014":
        return Failed(f"SQL 超过 {timeout_s:g} 秒没有执行完，已中止。")
    if state in _STATES:
        words, verdict = _STATES[state]
        return Failed(f"{words}：{detail}。", verdict)
    if state.startswith("57P") or not state:
        return Failed(f"数据库连接中断：{detail}。")
    return Failed(f"数据库返回错误：{detail}。")
