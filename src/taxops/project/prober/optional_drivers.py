"""Drivers that a prober may have or not (可选驱动): Oracle and MySQL, imported when first asked for."""

from __future__ import annotations

import importlib
from contextlib import closing
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from taxops.engines.checks import Failed, Verdict

Fetched = tuple[tuple[str, ...], list[tuple[Any, ...]]]
_ORACLE = (
    ("ORA-01017", "账号或口令错误", Verdict.UNKNOWN),
    ("ORA-28000", "账号已被锁定", Verdict.UNKNOWN),
    ("ORA-28001", "账号的口令已过期", Verdict.UNKNOWN),
    ("ORA-00942", "账号没有读取这些视图的权限", Verdict.UNKNOWN),
    ("ORA-01031", "账号权限不足", Verdict.UNKNOWN),
    ("ORA-00904", "视图中没有这一列，可能是版本不同", Verdict.UNKNOWN),
    ("ORA-01456", "语句试图修改数据，已被只读会话拒绝", Verdict.UNKNOWN),
    ("ORA-12514", "监听不认识这个服务名", Verdict.CRITICAL),
    ("ORA-12505", "监听不认识这个实例名", Verdict.CRITICAL),
    ("ORA-12541", "连接被拒绝，没有监听", Verdict.CRITICAL),
    ("ORA-01034", "实例没有启动", Verdict.CRITICAL),
    ("ORA-01033", "实例正在启动或关闭", Verdict.CRITICAL),
    ("ORA-00018", "会话数已达上限", Verdict.CRITICAL),
    ("ORA-00020", "进程数已达上限", Verdict.CRITICAL),
    ("ORA-00257", "归档区已满，不能登录", Verdict.CRITICAL),
    ("DPY-6001", "监听不认识这个服务名", Verdict.CRITICAL),
    ("DPY-6003", "监听不认识这个实例名", Verdict.CRITICAL),
    ("DPY-6005", "连接失败，主机不可达或端口没有监听", Verdict.CRITICAL),
    ("DPY-4011", "数据库关闭了连接", Verdict.CRITICAL),
    ("DPY-4024", "超时，已中止", Verdict.CRITICAL),
    ("DPY-3010", "数据库版本太旧，驱动不支持（需要 12.1 以上）", Verdict.UNKNOWN),
)
_MYSQL = {
    1040: ("连接数已满", Verdict.CRITICAL),
    1044: ("账号没有权限", Verdict.UNKNOWN),
    1045: ("账号或口令错误", Verdict.UNKNOWN),
    1049: ("数据库不存在", Verdict.UNKNOWN),
    1130: ("数据库不允许从这里登录", Verdict.UNKNOWN),
    1142: ("账号没有读取这些表的权限", Verdict.UNKNOWN),
    1146: ("没有所查的表，请核对产品选择", Verdict.UNKNOWN),
    1227: ("账号权限不足，需要 PROCESS 权限", Verdict.UNKNOWN),
    1792: ("语句试图修改数据，已被只读会话拒绝", Verdict.UNKNOWN),
    2003: ("连接失败，主机不可达或端口没有监听", Verdict.CRITICAL),
    2013: ("查询中断或超时", Verdict.CRITICAL),
}


def _driver(name: str, product: str) -> ModuleType:
    """Return a driver's module.

    Raises:
        Failed: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Failed(
            f"未安装 {name} 驱动，不能检查 {product}；请在探测器所在的环境里安装 {name} 后重启探测器。",
            Verdict.UNKNOWN,
        ) from error


def oracle(target: str, sql: str, user: str, password: str, timeout_s: float, most_rows: int) -> Fetched:
    """Run one SELECT in a read-only transaction of an Oracle database (thin mode, no client needed).

    Raises:
        Failed: no driver, no connection, no permission, a wrong statement, or it took too long.
    """
    oracledb = _driver("oracledb", "Oracle")
    parts = urlsplit(target)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    dsn = f"{host}:{parts.port or 1521}/{unquote(parts.path.strip('/'))}"
    try:
        with closing(
            oracledb.connect(user=user, password=password, dsn=dsn, tcp_connect_timeout=timeout_s)
        ) as connection:
            connection.call_timeout = max(1, int(timeout_s * 950))
            with closing(connection.cursor()) as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                cursor.execute(sql)
                rows = [tuple(row) for row in cursor.fetchmany(most_rows + 1)]
                return tuple(str(item[0]) for item in cursor.description or ()), rows
    except oracledb.Error as error:
        raise _oracle_failure(str(error)) from error


def _oracle_failure(text: str) -> Failed:
    for code, words, verdict in _ORACLE:
        if code in text:
            return Failed(f"Oracle：{words}（{code}）。", verdict)
    line = text.strip().splitlines()[0][:160] if text.strip() else "原因不明"
    return Failed(f"Oracle 返回错误：{line}。")


def mysql(target: str, sql: str, user: str, password: str, timeout_s: float, most_rows: int) -> Fetched:
    """Run one SELECT in a read-only transaction of a MySQL or MariaDB server.

    Raises:
        Failed: no driver, no connection, no permission, a wrong statement, or it took too long.
    """
    pymysql = _driver("pymysql", "MySQL")
    parts = urlsplit(target)
    seconds = max(1, int(timeout_s))
    try:
        with (
            closing(
                pymysql.connect(
                    host=parts.hostname or "",
                    port=parts.port or 3306,
                    user=user,
                    password=password,
                    database=unquote(parts.path.strip("/")) or None,
                    connect_timeout=seconds,
                    read_timeout=seconds,
                    write_timeout=seconds,
                    charset="utf8mb4",
                )
            ) as connection,
            closing(connection.cursor()) as cursor,
        ):
            cursor.execute("START TRANSACTION READ ONLY")
            cursor.execute(sql)
            rows = [tuple(row) for row in cursor.fetchmany(most_rows + 1)]
            return tuple(str(item[0]) for item in cursor.description or ()), rows
    except pymysql.Error as error:
        raise _mysql_failure(error) from error


def _mysql_failure(error: Any) -> Failed:
    code = error.args[0] if error.args else 0
    detail = str(error.args[1])[:160] if len(error.args) > 1 else str(error)[:160]
    words, verdict = (
        _MYSQL.get(code, ("", Verdict.CRITICAL)) if isinstance(code, int) else ("", Verdict.CRITICAL)
    )
    return Failed(
        f"MySQL：{words}（{code}）。" if words else f"MySQL 返回错误：{detail}（{code}）。", verdict
    )
