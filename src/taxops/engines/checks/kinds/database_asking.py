"""Asking a database through the injected driver (数据库查询): what `oracle` and `mysql` share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Failed

from .declaration import Param, SideAttempt
from .sql_guard import guard_select

Row = dict[str, Any]
ACCOUNT_PARAMS = (
    Param("username", "账号", help="应使用只读账号。"),
    Param("password", "口令", secret=True),
)


def database_target(target: str, scheme: str, example: str, *, needs_name: bool) -> str:
    """Return the address of a database of one product.

    Raises:
        BadInput: it is of another sort, incomplete, or holds an account.
    """
    try:
        parts = urlsplit(target)
        port_ok = parts.port is None or parts.port > 0
    except ValueError as error:
        raise BadInput("数据库地址无效。", f"例如 {example}。", field="target") from error
    if parts.username or parts.password:
        raise BadInput("数据库地址中不能带账号和口令。", "请填到「账号」和「口令」参数里。", field="target")
    named = bool(parts.path.strip("/"))
    if parts.scheme != scheme or not parts.hostname or not port_ok or (needs_name and not named):
        raise BadInput(f"数据库地址「{target[:80]}」无效。", f"例如 {example}。", field="target")
    return target


async def ask_rows(
    attempt: SideAttempt,
    target: str,
    sql: str,
    account: Mapping[str, Any],
    *,
    timeout_s: float,
    most_rows: int = 5000,
) -> list[Row]:
    """Run a SELECT and return its rows by lower-case column name.

    Raises:
        Failed: no driver, no connection, no permission, or it took too long.
    """
    database = attempt.tools.database
    if database is None:
        raise Failed("这个探测器没有装数据库驱动，不能执行数据库检查。", Verdict.UNKNOWN)
    attempt.doing = "查询数据库"
    began = attempt.clock()
    rows = await database.query(
        target,
        guard_select(sql),
        user=account["username"] or "",
        password=account["password"] or "",
        timeout_s=timeout_s,
        most_rows=most_rows,
    )
    attempt.mark("query", began)
    attempt.note("SQL 已返回", rows=len(rows.rows))
    columns = [name.lower() for name in rows.columns]
    return [dict(zip(columns, row, strict=False)) for row in rows.rows]
