"""Kind `mysql` through the injected driver, on rows of recorded shape."""

from __future__ import annotations

from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import guard_select
from taxops.engines.checks.kinds.mysql_check import REPLICATION, RUNNING, TRANSACTIONS, status_sql
from tests.engines.checks.kinds.rows import Recorded
from tests.engines.checks.rude import look

TARGET = "mysql://10.1.2.3:3306/"


def database(replication: list[dict[str, Any]] | None = None, **values: str) -> Recorded:
    known = {"threads_connected": "20", "threads_running": "2", "max_used_connections": "60", "uptime": "86400",
             "questions": "1000", "slow_queries": "5", "aborted_connects": "0", "max_connections": "100",
             "innodb_buffer_pool_read_requests": "1000", "innodb_buffer_pool_reads": "10", "version": "8.0.36",
             "innodb_row_lock_current_waits": "0", "read_only": "OFF", **values}  # fmt: skip
    return Recorded(
        {
            "global_status": [{"name": name, "value": value} for name, value in known.items()],
            "PROCESSLIST": [{"long_queries": 0, "longest_s": None}],
            "INNODB_TRX": [{"long_transactions": 0, "longest_transaction_s": None}],
            "replication_connection_status": replication or [],
        }
    )


def channel(io: str = "ON", sql: str = "ON", lag: int = 0, error: str = "") -> dict[str, Any]:
    return {"channel": "", "io_state": io, "io_error": error, "sql_state": sql, "sql_error": "", "lag_s": lag}


def test_a_server_that_is_well_and_its_rates() -> None:
    memory: dict[str, Any] = {}
    first = look("mysql", TARGET, tools=database().tools, memory=memory, wall_ms=1_000_000)
    second = look(
        "mysql", TARGET, "queries_per_s == 10 and slow_queries == 2",
        tools=database(questions="1600", slow_queries="7").tools, memory=memory, wall_ms=1_060_000,
    )  # fmt: skip
    assert first.verdict == "ok", first.message
    assert "queries_per_s" not in first.metrics
    assert second.verdict == "ok", second.message


def test_connections_near_the_limit_and_stopped_replication_are_told() -> None:
    full = look("mysql", TARGET, tools=database(threads_connected="97").tools)
    late = look("mysql", TARGET, replica=True, tools=database([channel(lag=300)]).tools)
    broken = look(
        "mysql", TARGET, replica=True, tools=database([channel("CONNECTING", error="error 2003")]).tools
    )
    none = look("mysql", TARGET, replica=True, tools=database().tools)
    assert full.verdict == "critical"
    assert late.verdict == "warning"
    assert broken.verdict == "critical"
    assert "复制已停止" in broken.message
    assert "error 2003" in broken.message
    assert "没有配置为从库" in none.message


def test_variables_that_may_not_be_read_say_so() -> None:
    empty = Recorded({"global_status": []})
    assert "读不到数据库的状态变量" in look("mysql", TARGET, tools=empty.tools).message


@pytest.mark.parametrize(
    "sql",
    [status_sql("mysql"), status_sql("mariadb"), RUNNING.format(seconds=60), TRANSACTIONS.format(seconds=60),
     REPLICATION],
    ids=range(5),
)  # fmt: skip
def test_every_statement_is_one_select(sql: str) -> None:
    guard_select(sql)


def test_an_address_of_another_product_is_refused() -> None:
    with pytest.raises(BadInput):
        look("mysql", "postgresql://h/x")
