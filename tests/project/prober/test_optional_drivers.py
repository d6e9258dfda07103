"""Drivers that may be missing: said so in Chinese; where there, read-only and every error in words."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from taxops.engines.checks import Failed, Rows
from taxops.project.prober.drivers import Drivers


def ask(target: str, most_rows: int = 10) -> Rows:
    return asyncio.run(
        Drivers().query(target, "SELECT 1", user="watch", password="Pass-1", timeout_s=3, most_rows=most_rows)
    )


@pytest.mark.parametrize(("target", "name"), [("oracle://h:1/x", "oracledb"), ("mysql://h:1/", "pymysql")])
def test_a_missing_driver_is_named(target: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec(name) is not None:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Failed, match=f"未安装 {name} 驱动") as error:
        ask(target)
    assert error.value.verdict == "unknown"


class Driver(SimpleNamespace):
    """A module of the DB-API's shape that notes what it is told."""

    def __init__(self, failure: str | tuple[Any, ...] = "") -> None:
        class Error(Exception):
            pass

        super().__init__(Error=Error, told=[], failure=failure, description=[("ONE",), ("TWO",)])

    def connect(self, **options: Any) -> Driver:
        if self.failure:
            raise self.Error(*([self.failure] if isinstance(self.failure, str) else self.failure))
        self.options = options
        return self

    def cursor(self) -> Driver:
        return self

    def execute(self, sql: str) -> None:
        self.told.append(sql)

    def fetchmany(self, most: int) -> list[list[int]]:
        return [[n, n] for n in range(min(most, 4))]

    def close(self) -> None:
        self.told.append("close")


@pytest.mark.parametrize(
    ("target", "name", "first"),
    [
        ("oracle://db1:1521/taxdb", "oracledb", "SET TRANSACTION READ ONLY"),
        ("mysql://db1/tax", "pymysql", "START TRANSACTION READ ONLY"),
    ],
)
def test_a_session_is_read_only_and_rows_are_cut(
    target: str, name: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver()
    monkeypatch.setitem(sys.modules, name, driver)  # type: ignore[arg-type]  # stands in for a module
    rows = ask(target, most_rows=3)
    assert driver.told == [first, "SELECT 1", "close", "close"]
    assert (rows.columns, len(rows.rows), rows.truncated) == (("ONE", "TWO"), 3, True)


@pytest.mark.parametrize(
    ("target", "name", "failure", "words"),
    [
        ("oracle://h/x", "oracledb", "ORA-01017: invalid username/password", "账号或口令错误（ORA-01017）"),
        ("oracle://h/x", "oracledb", "DPY-6005: cannot connect", "主机不可达或端口没有监听"),
        ("oracle://h/x", "oracledb", "ORA-99999: odd", "返回错误：ORA-99999: odd"),
        ("mysql://h/", "pymysql", (1045, "Access denied"), "账号或口令错误（1045）"),
        ("mysql://h/", "pymysql", (9999, "odd"), "返回错误：odd（9999）"),
        ("mysql://h/", "pymysql", ("only words",), "返回错误：only words"),
    ],
)  # fmt: skip
def test_errors_are_put_into_words(
    target: str, name: str, failure: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, Driver(failure))  # type: ignore[arg-type]
    with pytest.raises(Failed, match=words.replace("(", "\\(")) as error:
        ask(target)
    assert "Pass-1" not in error.value.message
