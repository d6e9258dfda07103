"""The drivers against real databases: they read, and nothing else."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from taxops.engines.checks import Result, Tools
from taxops.project import embedded
from taxops.project.prober.drivers import Drivers
from tests.engines.checks.rude import answering, look, reset, serving, silent


def ask(target: str, sql: str, *conditions: str, timeout_s: float = 5.0, **params: Any) -> Result:
    return look(
        "sql", target, *conditions, tools=Tools(database=Drivers()), sql=sql, timeout_s=timeout_s, **params
    )


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a database with invoices, and a user `reader` who sees part of it."""
    server = embedded.start(tmp_path_factory.mktemp("pg") / "server", database="tax")
    url = f"postgresql://127.0.0.1:{server.port}/tax"
    with psycopg.connect(server.url("tax"), autocommit=True) as connection:
        connection.execute("CREATE TABLE invoice (id int, amount numeric, made_at timestamptz)")
        connection.execute(
            "INSERT INTO invoice SELECT n, n * 1.5, now() - interval '1 minute' FROM generate_series(1, 100) n"
        )
        connection.execute("CREATE TABLE hidden (id int)")
        connection.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON invoice TO reader")
        connection.execute(
            "CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS 'INSERT INTO invoice VALUES (999) RETURNING id'"
        )
        connection.execute("CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(20)'")
    yield url
    server.stop()


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "数据 库.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoice (id int, amount real)")
        connection.executemany("INSERT INTO invoice VALUES (?, ?)", [(n, n * 1.5) for n in range(1, 101)])
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.real
def test_postgresql_is_read(postgres: str) -> None:
    count = ask(
        postgres,
        "select count(*), sum(amount) from invoice",
        "value == 100 and row.sum == 7575",
        username="reader",
    )
    assert count.verdict == "ok", count.message
    fresh = ask(postgres, "select max(made_at) from invoice", mode="freshness", username="reader")
    assert fresh.verdict == "ok", fresh.message
    many = ask(postgres, "select * from invoice", "rows == 10 and truncated", most_rows=10, username="reader")
    assert many.verdict == "ok", many.message


@pytest.mark.real
@pytest.mark.parametrize(
    ("sql", "user", "words", "verdict"),
    [
        ("select sneak()", "postgres", "已被只读会话拒绝", "unknown"),
        ("select slow()", "postgres", "超过 1 秒没有执行完", "critical"),
        ("select * from hidden", "reader", "没有读取这些数据的权限", "unknown"),
        ("select * from nowhere", "reader", "表不存在", "unknown"),
        ("select nothing from invoice", "reader", "列不存在", "unknown"),
        ("select from from from", "reader", "语法有误", "unknown"),
        ("select 1/0", "reader", "数据库返回错误", "critical"),
        ("select 1", "nobody", "账号或口令错误", "critical"),
    ],
)
def test_postgresql_refuses_what_it_must(
    postgres: str, sql: str, user: str, words: str, verdict: str
) -> None:
    result = ask(postgres, sql, username=user, timeout_s=1.0)
    assert words in result.message, result.message
    assert result.verdict == verdict


@pytest.mark.real
def test_nothing_was_written(postgres: str) -> None:
    ask(postgres, "select sneak()", username="postgres")
    assert ask(postgres, "select count(*) from invoice", "value == 100", username="postgres").verdict == "ok"


def test_postgresql_that_is_not_there_is_named() -> None:
    assert "连接被拒绝" in ask("postgresql://127.0.0.1:1/tax", "select 1").message
    with serving(silent) as server:
        began = time.monotonic()
        result = ask(f"postgresql://{server.address}/tax", "select 1", timeout_s=0.5)
        assert (result.verdict, time.monotonic() - began < 15) == ("critical", True)
    for talk in (reset, answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")):
        with serving(talk) as server:
            assert "数据库连接失败" in ask(f"postgresql://{server.address}/tax", "select 1").message


def test_a_database_that_does_not_exist_is_named(postgres: str) -> None:
    assert "数据库不存在" in ask(postgres + "2", "select 1", username="reader").message


def test_sqlite_is_read(sqlite: str) -> None:
    assert (
        ask(
            sqlite, "select count(*), sum(amount) as total from invoice", "value == 100 and row.total > 1"
        ).verdict
        == "ok"
    )
    assert ask(sqlite, "select * from invoice", "rows == 10 and truncated", most_rows=10).verdict == "ok"


@pytest.mark.parametrize(
    ("sql", "words", "verdict"),
    [
        (
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
            "超过 0.5 秒",
            "critical",
        ),
        ("select * from nowhere", "SQL 有误", "unknown"),
        ("select writefile('/tmp/x', 'y')", "", ""),
    ],
)
def test_sqlite_refuses_what_it_must(sqlite: str, sql: str, words: str, verdict: str) -> None:
    if not words:
        from taxops.engines.base import BadInput

        with pytest.raises(BadInput):
            ask(sqlite, sql)
        return
    result = ask(sqlite, sql, timeout_s=0.5)
    assert (words in result.message, result.verdict) == (True, verdict), result.message


def test_sqlite_files_that_are_none_are_named(tmp_path: Path) -> None:
    assert "打不开" in ask(f"sqlite:///{tmp_path}/none.db", "select 1").message
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("not a database at all" * 50)
    assert "不是 SQLite 数据库文件" in ask(f"sqlite:///{tmp_path}/text.db", "select count(*) from t").message
