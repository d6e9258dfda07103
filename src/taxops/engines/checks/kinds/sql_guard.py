"""What a data check may run where (SQL 约束): one SELECT, on an address without secrets in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from taxops.engines.base import BadInput

_TOKEN = re.compile(
    r"""(?P<skip>--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<word>[A-Za-z_][\w$]*)|(?P<semi>;)|(?P<open>/\*|'|"|\$\w*\$)""",
    re.DOTALL,
)
_FORBIDDEN = frozenset({
    "alter", "analyze", "attach", "begin", "call", "checkpoint", "cluster", "commit", "copy",
    "create", "dblink", "dblink_exec", "deallocate", "delete", "detach", "discard", "do", "drop",
    "execute", "explain", "grant", "import", "insert", "into", "listen", "lo_export",
    "lo_from_bytea", "lo_import", "lo_put", "load", "load_extension", "lock", "merge", "nextval",
    "notify", "pg_advisory_lock", "pg_cancel_backend", "pg_ls_dir", "pg_read_binary_file",
    "pg_read_file", "pg_reload_conf", "pg_sleep", "pg_terminate_backend", "pragma", "prepare",
    "readfile", "refresh", "reindex", "replace", "reset", "revoke", "rollback", "savepoint",
    "security", "set", "set_config", "setval", "truncate", "unlisten", "update", "vacuum",
    "writefile",
})  # fmt: skip
_FUNCTION_ALSO = frozenset(
    {"replace", "analyze", "cluster", "load", "set", "notify", "import", "security", "lock"}
)


def guard_select(sql: str, *, field: str = "sql") -> str:
    """Return the statement when it is one SELECT and nothing else.

    This is the first fence; the read-only session of the driver is the second.

    >>> guard_select("select count(*) from t where note = 'delete; drop'")
    "select count(*) from t where note = 'delete; drop'"

    Raises:
        BadInput: several statements, another verb, or a word that writes.
    """
    sql = sql.strip().rstrip(";").strip()
    words: list[tuple[str, int]] = []
    for found in _TOKEN.finditer(sql):
        if found["open"] is not None:
            raise BadInput("SQL 中的引号或注释没有结束。", field=field)
        if found["semi"] is not None:
            raise BadInput("只能有一条 SQL 语句。", "请去掉中间的分号。", field=field)
        if found["word"] is not None:
            words.append((found["word"].lower(), found.end()))
    if not words or words[0][0] not in {"select", "with"}:
        raise BadInput("检查只能执行 SELECT 语句。", "语句应以 SELECT 或 WITH 开头。", field=field)
    if len(words) > 1 and words[0][0] == "with" and not any(word == "select" for word, _ in words):
        raise BadInput("检查只能执行 SELECT 语句。", field=field)
    for word, end in words:
        called = sql[end:].lstrip().startswith("(")
        if word in _FORBIDDEN and not (word in _FUNCTION_ALSO and called):
            raise BadInput(f"检查用的 SQL 中不能有 {word.upper()}。", "只能读取数据，不能修改。", field=field)
    if re.search(r"\bfor\s+(no\s+key\s+)?(update|share|key)\b", sql, re.IGNORECASE):
        raise BadInput("检查用的 SQL 不能加锁（FOR UPDATE）。", field=field)
    return sql


def check_target(target: str, *, field: str = "target") -> str:
    """Return a database address without secrets in it.

    Raises:
        BadInput: it is of another sort, incomplete, or holds an account.
    """
    help_text = "请写成 postgresql://主机:5432/库名 或 sqlite:////绝对路径/文件.db。"
    try:
        parts = urlsplit(target)
        port_ok = parts.port is None or parts.port > 0
    except ValueError as error:
        raise BadInput("数据库地址无效。", help_text, field=field) from error
    if parts.username or parts.password:
        raise BadInput(
            "数据库地址中不能带账号和口令。", "请把它们填到「账号」和「口令」参数里。", field=field
        )
    if parts.scheme in {"postgresql", "postgres"}:
        if parts.path.strip("/") and port_ok:
            return target
    elif parts.scheme == "sqlite" and parts.path.startswith("/") and len(parts.path) > 1:
        return target
    raise BadInput(f"数据库地址「{target[:80]}」无效。", help_text, field=field)
