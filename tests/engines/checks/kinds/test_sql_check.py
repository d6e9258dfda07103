"""Kind `sql`: what may be asked, and what the answers mean. Real databases: tests/project/prober/test_drivers.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import Failed, Result, Rows, Tools, guard_select
from taxops.engines.checks.kinds.sql_check import band_facts, instant_of, number_of
from taxops.engines.checks.kinds.sql_guard import check_target
from tests.engines.checks.rude import look

DATABASE = "postgresql://127.0.0.1/tax"
NOW = 1_780_279_200_000  # 2026-06-01 10:00 in China


@dataclass
class Answer:
    rows: list[tuple[Any, ...]]
    columns: tuple[str, ...] = ("a", "b")
    truncated: bool = False


@dataclass
class FakeDatabase:
    answers: dict[str, Answer | Failed]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def query(
        self, target: str, sql: str, *, user: str, password: str, timeout_s: float, most_rows: int
    ) -> Rows:
        self.asked.append((target, sql, user))
        answer = self.answers[sql]
        if isinstance(answer, Failed):
            raise answer
        return answer


def ask(
    mode: str, answer: Answer | Failed, other: Answer | None = None, *conditions: str, **params: Any
) -> Result:
    answers: dict[str, Answer | Failed] = {"select 1": answer}
    if other is not None:
        answers["select 2"] = other
        params["other_sql"] = "select 2"
    tools = Tools(database=FakeDatabase(answers))
    return look("sql", DATABASE, *conditions, tools=tools, wall_ms=NOW, mode=mode, sql="select 1", **params)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from t",
        " SELECT 1; ",
        "with x as (select 1) select * from x",
        "select 'delete from t; drop' as note -- insert\n from t /* update */",
        'select "update", "set" from "insert"',
        "select replace(a, 'b', 'c') from t",
        "select last_update, deleted, is_set from t",
        "select $$; drop table t$$",
    ],
)
def test_reading_is_permitted(sql: str) -> None:
    assert guard_select(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "delete from t",
        "select 1; drop table t",
        "with x as (delete from t returning 1) select * from x",
        "select * into new from t",
        "select * from t for update",
        "select * from t for  no key update",
        "/* select */ insert into t values (1)",
        "select pg_sleep(100)",
        "select pg_read_file('/etc/passwd')",
        "select nextval('s')",
        "select 'unfinished",
        "select 1 /* unfinished",
        "select $x$ unfinished",
        "explain analyze delete from t",
        "pragma writable_schema=1",
        "select set_config('a','b',false)",
        "values (1)",
    ],
)
def test_anything_else_is_refused(sql: str) -> None:
    with pytest.raises(BadInput) as error:
        guard_select(sql)
    assert error.value.field == "sql"


@pytest.mark.parametrize(
    "target",
    [
        "x",
        "mysql://h/db",
        "postgresql://h/",
        "postgresql://u:p@h/db",
        "sqlite://",
        "sqlite:///",
        "postgresql://h:x/db",
    ],
)
def test_addresses_that_are_none_or_hold_secrets_are_refused(target: str) -> None:
    with pytest.raises(BadInput):
        check_target(target)


def test_count_gives_value_rows_and_the_first_row_by_name() -> None:
    result = ask("count", Answer([(3, "x"), (4, "y")]), None, 'value == 3 and rows == 2 and row.b == "x"')
    assert (result.verdict, result.metrics) == ("ok", {"rows": 2.0, "value": 3.0})
    assert ask("count", Answer([])).verdict == "critical"
    assert ask("count", Answer([]), None, "rows == 0").verdict == "ok"


def test_freshness_is_the_age_of_the_newest() -> None:
    local = datetime(2026, 6, 1, 9, 30)  # noqa: DTZ001 as a column without zone gives it: China's time
    result = ask("freshness", Answer([(local,)]))
    assert result.message == "最新数据在 30 分前。"
    assert result.metrics["age_s"] == 1800
    assert ask("freshness", Answer([(local,)]), None, "age_s < 10m").verdict == "critical"
    assert "没有任何数据" in ask("freshness", Answer([(None,)])).message
    assert "在未来" in ask("freshness", Answer([("2026-06-02 00:00",)])).message
    assert "没有返回任何行" in ask("freshness", Answer([])).message


def test_reconcile_compares_two_sides_in_two_databases() -> None:
    database = FakeDatabase({"select 1": Answer([(100,)]), "select 2": Answer([(Decimal(98),)])})
    result = look(
        "sql", DATABASE, tools=Tools(database=database), mode="reconcile", sql="select 1", other_sql="select 2",
        other_target="sqlite:////data/other.db", username="a", other_username="b",
    )  # fmt: skip
    assert result.verdict == "critical"
    assert "difference 实际为 2" in result.message
    assert database.asked == [(DATABASE, "select 1", "a"), ("sqlite:////data/other.db", "select 2", "b")]
    same = ask("reconcile", Answer([(5,)]), Answer([(5.0,)]))
    assert same.verdict == "ok"
    assert ask("reconcile", Answer([(100,)]), Answer([(98,)]), "difference_ratio <= 0.02").verdict == "ok"


def test_band_compares_with_days_of_the_same_class() -> None:
    history = Answer([(100 + n, "工作日") for n in range(-5, 6)] + [(3, "休息日"), (5, "休息日")])
    assert ask("band", Answer([(104, "工作日")]), history).verdict == "ok"
    far = ask("band", Answer([(4, "工作日")]), history)
    assert far.verdict == "critical"
    assert ask("band", Answer([(4, "休息日")]), history).verdict == "ok"
    nothing = ask("band", Answer([(4, "征期")]), history)
    assert (nothing.verdict, nothing.message) == ("unknown", "没有可比的历史值。")


def test_a_band_of_equal_values_has_no_width() -> None:
    assert band_facts(5, [5, 5, 5])["deviation"] == 0
    assert band_facts(6, [5, 5, 5])["deviation"] == 99


def test_a_prober_without_drivers_says_so() -> None:
    result = look("sql", DATABASE, sql="select 1", tools=Tools())
    assert (result.verdict, "没有装数据库驱动" in result.message) == ("unknown", True)


def test_a_failing_driver_gives_its_words() -> None:
    assert ask("count", Failed("数据库连接失败：连接被拒绝。")).message == "数据库连接失败：连接被拒绝。"


def test_two_sided_modes_need_their_second_statement() -> None:
    for mode in ("reconcile", "band"):
        with pytest.raises(BadInput) as error:
            look("sql", DATABASE, mode=mode, sql="select 1")
        assert error.value.field == "other_sql"


def test_values_become_numbers_and_instants_or_words() -> None:
    assert number_of("3.5") == 3.5
    assert instant_of(1_780_279_200).astimezone(UTC).hour == 2
    assert instant_of(NOW) == instant_of(NOW // 1000)
    for value in (None, "x", object()):
        with pytest.raises(Failed):
            number_of(value)
        with pytest.raises(Failed):
            instant_of(value)
