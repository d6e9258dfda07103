"""Kind `mysql` (MySQL 数据库): connections, slow queries, locks, replication, by SELECT on the system schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.base import duration_words
from taxops.engines.checks.wire import Failed

from .database_asking import ACCOUNT_PARAMS, Row, ask_rows, database_target
from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .json_reading import number, text

_STATUS = (
    "threads_connected", "threads_running", "max_used_connections", "uptime", "questions", "slow_queries",
    "aborted_connects", "innodb_buffer_pool_read_requests", "innodb_buffer_pool_reads",
    "innodb_row_lock_current_waits",
)  # fmt: skip
_SETTINGS = ("max_connections", "read_only", "version")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def status_sql(product: str) -> str:
    """Return the statement that reads counters and settings as names and values.

    MySQL keeps them in performance_schema since 5.7; MariaDB in information_schema.
    """
    schema = "information_schema" if product == "mariadb" else "performance_schema"
    return (
        f"SELECT LOWER(VARIABLE_NAME) AS name, VARIABLE_VALUE AS value FROM {schema}.global_status"  # noqa: S608
        f" WHERE LOWER(VARIABLE_NAME) IN ({_names(_STATUS)})"
        f" UNION ALL SELECT LOWER(VARIABLE_NAME), VARIABLE_VALUE FROM {schema}.global_variables"
        f" WHERE LOWER(VARIABLE_NAME) IN ({_names(_SETTINGS)})"
    )


RUNNING = """
SELECT COUNT(*) AS long_queries, MAX(TIME) AS longest_s FROM information_schema.PROCESSLIST
WHERE COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL',
                      'Slave_worker', 'Connect') AND USER <> 'system user' AND TIME >= {seconds}
"""
TRANSACTIONS = """
SELECT COUNT(*) AS long_transactions, MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())) AS longest_transaction_s
FROM information_schema.INNODB_TRX WHERE TIMESTAMPDIFF(SECOND, trx_started, NOW()) >= {seconds}
"""
REPLICATION = """
SELECT c.CHANNEL_NAME AS channel, c.SERVICE_STATE AS io_state, c.LAST_ERROR_MESSAGE AS io_error,
       a.SERVICE_STATE AS sql_state,
       (SELECT MAX(w.LAST_ERROR_MESSAGE) FROM performance_schema.replication_applier_status_by_worker w
        WHERE w.CHANNEL_NAME = c.CHANNEL_NAME) AS sql_error,
       (SELECT MAX(CASE WHEN w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP > '2000-01-01'
                   THEN TIMESTAMPDIFF(SECOND, w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6))
                   ELSE 0 END) FROM performance_schema.replication_applier_status_by_worker w
        WHERE w.CHANNEL_NAME = c.CHANNEL_NAME) AS lag_s
FROM performance_schema.replication_connection_status c
JOIN performance_schema.replication_applier_status a ON a.CHANNEL_NAME = c.CHANNEL_NAME
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which server and what of it (MySQL 检查计划)."""

    target: str
    account: dict[str, Any]
    product: str
    replica: bool
    long_s: int
    timeout_s: float


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address cannot be used.
    """
    params = wanted.params
    return Plan(
        database_target(wanted.target, "mysql", "mysql://10.1.2.3:3306/", needs_name=False),
        {"username": params["username"], "password": params["password"]},
        params["product"],
        params["replica"],
        params["long_s"],
        wanted.timeout_s,
    )


def status_facts(rows: list[Row], before: dict[str, float] | None, passed_s: float) -> dict[str, Any]:
    """Return what conditions may speak of, from counters and settings; rates need an earlier look.

    Raises:
        Failed: the account may not see them.
    """
    found = {text(row.get("name")): row.get("value") for row in rows}
    if "threads_connected" not in found or "max_connections" not in found:
        raise Failed("读不到数据库的状态变量，请核对产品选择与账号的权限。")
    most = number(found["max_connections"])
    requests = number(found.get("innodb_buffer_pool_read_requests"))
    reads = number(found.get("innodb_buffer_pool_reads"))
    facts: dict[str, Any] = {
        "version": text(found.get("version")),
        "uptime_s": number(found.get("uptime")),
        "connections": number(found["threads_connected"]),
        "running": number(found.get("threads_running")),
        "max_connections": most,
        "connections_percent": 100.0 * number(found["threads_connected"]) / most if most else 0.0,
        "peak_percent": 100.0 * number(found.get("max_used_connections")) / most if most else 0.0,
        "lock_waits": number(found.get("innodb_row_lock_current_waits")),
        "hit_ratio": 1 - reads / requests if requests else 1.0,
        "read_only": text(found.get("read_only")).upper() in {"ON", "1"},
    }
    counters = {name: number(found.get(name)) for name in ("questions", "slow_queries", "aborted_connects")}
    if before is not None and passed_s > 0 and all(counters[name] >= before[name] for name in counters):
        facts["queries_per_s"] = (counters["questions"] - before["questions"]) / passed_s
        facts["slow_queries"] = counters["slow_queries"] - before["slow_queries"]
        facts["aborted_connects"] = counters["aborted_connects"] - before["aborted_connects"]
    facts["_counters"] = counters
    return facts


def replication_facts(rows: list[Row]) -> dict[str, Any]:
    """Return whether a replica receives and applies, and how far it is behind.

    Raises:
        Failed: it is no replica.
    """
    if not rows:
        raise Failed("这个数据库没有配置为从库，或没有开启 performance_schema。")
    stopped = [
        text(row.get("channel")) or "默认通道"
        for row in rows
        if text(row.get("io_state")) != "ON" or text(row.get("sql_state")) != "ON"
    ]
    errors = [
        text(row.get(name)) for row in rows for name in ("io_error", "sql_error") if text(row.get(name))
    ]
    return {
        "replica_ok": not stopped,
        "replica_stopped": stopped,
        "replica_error": errors[0] if errors else "",
        "replica_lag_s": max(number(row.get("lag_s")) for row in rows),
    }


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Ask the server and return what it says.

    Raises:
        Failed: no driver, no connection, no permission, or another sort of server.
    """

    async def ask(sql: str) -> list[Row]:
        return await ask_rows(attempt, plan.target, sql, plan.account, timeout_s=plan.timeout_s)

    before, at_ms = attempt.memory.get("mysql", (None, 0))
    facts = status_facts(await ask(status_sql(plan.product)), before, (attempt.wall_ms - at_ms) / 1000)
    attempt.memory["mysql"] = (facts.pop("_counters"), attempt.wall_ms)
    queries = (await ask(RUNNING.format(seconds=plan.long_s)) or [{}])[0]
    transactions = (await ask(TRANSACTIONS.format(seconds=plan.long_s)) or [{}])[0]
    facts |= {
        "long_queries": number(queries.get("long_queries")),
        "longest_query_s": number(queries.get("longest_s")),
        "long_transactions": number(transactions.get("long_transactions")),
        "longest_transaction_s": number(transactions.get("longest_transaction_s")),
    }
    if plan.replica:
        facts |= replication_facts(await ask(REPLICATION))
    facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    shown = (
        f"版本 {facts['version']}，已运行 {duration_words(facts['uptime_s'])}，"
        f"连接 {facts['connections']:.0f}/{facts['max_connections']:.0f}"
    )
    if facts["long_queries"]:
        shown += f"，超过 {plan.long_s} 秒的查询 {facts['long_queries']:.0f} 个"
    if plan.replica:
        shown += f"，复制{'正常' if facts['replica_ok'] else '已停止'}，延迟 {facts['replica_lag_s']:.0f} 秒"
        if facts["replica_error"]:
            shown += f"（{facts['replica_error'][:120]}）"
    kept = ("connections", "running", "connections_percent", "lock_waits", "hit_ratio", "queries_per_s",
            "slow_queries", "long_queries", "long_transactions", "replica_lag_s")  # fmt: skip
    return Finding(
        facts,
        shown,
        {name: round(float(facts[name]), 4) for name in kept if name in facts},
        "",
        lambda: {"facts": facts},
    )


KIND = Kind(
    name="mysql",
    title="MySQL 数据库",
    stand_in="驱动替身：按产品视图的列写的结果行",
    help="以只读账号查询 MySQL 或 MariaDB 的系统库：连接数、慢查询、锁等待、长事务、主从复制。"
    "需要探测器上装有 pymysql 驱动。",
    target_label="数据库地址",
    target_help="例如 mysql://10.1.2.3:3306/。",
    params=(
        Param(
            "product",
            "产品",
            ParamType.CHOICE,
            "mysql",
            choices=(("mysql", "MySQL 5.7 以上"), ("mariadb", "MariaDB 10 以上")),
        ),
        *ACCOUNT_PARAMS,
        Param("replica", "是从库", ParamType.BOOLEAN, False, help="勾选后检查复制是否在进行、落后多少。"),
        Param("long_s", "多久算长查询", ParamType.INTEGER, 60, least=1, most=86400, help="秒；长事务同此。"),
    ),
    facts=(
        Fact("version", "版本"),
        Fact("uptime_s", "已运行时间", "秒"),
        Fact("connections", "连接数", "个"),
        Fact("running", "正在执行的线程数", "个"),
        Fact("max_connections", "连接数上限", "个"),
        Fact("connections_percent", "连接数占上限的比例", "%"),
        Fact("peak_percent", "启动以来连接数最高时占上限的比例", "%"),
        Fact("queries_per_s", "每秒查询数（第二次检查起）", "次/秒"),
        Fact("slow_queries", "上次检查以来的慢查询数（第二次检查起）", "次"),
        Fact("aborted_connects", "上次检查以来失败的连接数（第二次检查起）", "次"),
        Fact("lock_waits", "正在等待行锁的事务数", "个"),
        Fact("hit_ratio", "缓冲池命中率"),
        Fact("read_only", "是否只读"),
        Fact("long_queries", "长查询数", "个"),
        Fact("longest_query_s", "最长的查询已执行", "秒"),
        Fact("long_transactions", "长事务数", "个"),
        Fact("longest_transaction_s", "最长的事务已进行", "秒"),
        Fact("replica_ok", "复制是否在进行（从库）"),
        Fact("replica_stopped", "已停止的复制通道（从库）"),
        Fact("replica_error", "复制的错误（从库）"),
        Fact("replica_lag_s", "正在回放的事务落后主库（从库）", "秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("connections_percent < 95", "not exists(replica_ok) or replica_ok"),
    warnings=(
        "connections_percent < 80",
        "long_transactions == 0",
        "not exists(replica_lag_s) or replica_lag_s < 60s",
    ),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
)
