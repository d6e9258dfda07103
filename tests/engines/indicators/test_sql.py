"""Expert SQL: one SELECT over known tables, bounded by the period; everything else is refused."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.indicators.sql import check_sql
from taxops.engines.warehouse import shipped_schema

GOOD = """
with due_in_period as (
  select org_id, filed_on, due from oblig where due >= $start and due < $next and obliged
)
select o.org_id as subject, count(*) filter (where filed_on <= due) as num, count(*) as den
from due_in_period o join org on org.org_id = o.org_id
group by o.org_id
"""


def test_a_bounded_select_passes() -> None:
    assert check_sql(GOOD, shipped_schema()) is not None
    check_sql("select org_id as subject, count(*) as num, null as den from tp where size = $size group by 1",
              shipped_schema(), ["size"])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("insert into inv select * from inv", "只能是一条 SELECT"),
        ("update inv set tax = 0", "只能是一条 SELECT"),
        ("drop table inv", "只能是一条 SELECT"),
        ("copy inv to 'x.csv'", "只能是一条 SELECT"),
        ("attach 'x.db'", "只能是一条 SELECT"),
        ("pragma database_list", "只能是一条 SELECT"),
        ("with x as (delete from inv returning 1) select 1 as subject, 1 as num, 1 as den", "DELETE|语法"),
        (GOOD + "; drop table inv", "只能是一条"),
        ("select 1 as subject, 1 as num, 1 as den into x from org", "INTO|语法"),
        (GOOD.replace("join org", "join pg_shadow org"), "不能读「pg_shadow」"),
        (GOOD.replace("join org", "join read_csv('/etc/passwd') org"), "表函数|ReadCSV"),
        (GOOD.replace("join org", "join '/etc/passwd' org"), "不能读"),
        (GOOD.replace("from oblig", "from main.oblig"), "库名"),
        (GOOD.replace("count(*) as den", "getenv('HOME') as den"), "不能调用「getenv」"),
        (GOOD.replace("count(*) as den", "current_setting('x') as den"), "不能调用"),
        (GOOD.replace("due >= $start and due < $next and obliged", "obliged"), "扫描申报义务的全部数据"),
        (
            GOOD.replace("due >= $start and due < $next", "(due >= $start and due < $next or true)"),
            "全部数据",
        ),
        (GOOD.replace("due >= $start", "filed_on >= $start"), "全部数据"),
        (GOOD.replace("$next", "$later"), "没有参数「\\$later」"),
        (GOOD.replace("as num", "as n"), "依次给出"),
        ("select * from org", "依次给出"),
        ("select org_id subject, (select", "语法错误"),
        ("", "只能是一条"),
        ("select 1 as subject, 1 as num, 1 as den " + " " * 20000, "超过"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        check_sql(text, shipped_schema())
