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
SHORT = """select org_id as subject, count(*) as num, count(*) as den from oblig
where due >= $start and due < $next group by 1"""


def test_a_bounded_select_passes() -> None:
    assert check_sql(GOOD, shipped_schema()) is not None
    check_sql(SHORT.replace("due >= $start", "$start <= due"), shipped_schema())
    check_sql(SHORT.replace("oblig", "oblig a").replace("due ", "a.due "), shipped_schema())
    nested = f"with a as ({SHORT}), b as (select * from a) select subject, num, den from (select * from b) c"
    check_sql(nested, shipped_schema())
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
        ("install httpfs", "只能是一条 SELECT"),
        ("load httpfs", "只能是一条 SELECT"),
        ("set memory_limit = '1GB'", "只能是一条 SELECT"),
        ("call pragma_version()", "只能是一条 SELECT"),
        ("export database '/tmp/x'", "只能是一条 SELECT|语法"),
        ("explain analyze " + SHORT, "只能是一条 SELECT"),
        ("prepare x as " + SHORT, "只能是一条 SELECT"),
        ("create table x as " + SHORT, "只能是一条 SELECT"),
        ("merge into inv using inv on true when matched then delete", "只能是一条 SELECT"),
        ("begin transaction", "只能是一条 SELECT"),
        ("describe oblig", "只能是一条 SELECT"),
        (SHORT + " -- 说明\n; drop table inv", "只能是一条"),
        ("select content as subject, 1 as num, 1 as den from read_text('/etc/passwd')", "表函数"),
        ("select file as subject, 1 as num, 1 as den from glob('/etc/*')", "表函数"),
        ("select 1 as subject, 1 as num, 1 as den from 's3://x/y.parquet'", "不能读"),
        ("select 1 as subject, 1 as num, 1 as den from query('drop table inv')", "表函数"),
        ("select 1 as subject, 1 as num, 1 as den from range(100000000000)", "表函数"),
        ("select unnest(range(1000000000)) as subject, 1 as num, 1 as den", "不能调用"),
        ("select 1 as subject, main.getenv('HOME') as num, 1 as den", "不能调用「getenv」"),
        ("select 1 as subject, 'HOME'.getenv() as num, 1 as den", "不能调用「getenv」|语法"),
        ("select 1 as subject, read_blob('/etc/passwd') as num, 1 as den", "不能调用"),
        ("select 1 as subject, repeat('x', 10000000000) as num, 1 as den", "不能调用"),
        (
            "select 1 as subject, (select count(*) from sqlite_master) as num, 1 as den",
            "不能读「sqlite_master」",
        ),
        ("select 1 as subject, (select count(*) from duckdb_settings()) as num, 1 as den", "表函数"),
        ("select 1 as subject, 1 as num, " + "(" * 6000 + "1" + ")" * 6000 + " as den", "嵌套太深"),
        (
            "with recursive r as (select 1 as n union all select n + 1 from r) select n as subject, 1 as num, 1 as den "
            "from r",
            "RECURSIVE",
        ),
        (
            "with oblig as (select * from oblig) select org_id as subject, 1 as num, 1 as den from oblig",
            "全部数据",
        ),
        (
            "select 1 as subject, 1 as num, 1 as den from (with sqlite_master as (select 1 as x) select x from "
            "sqlite_master) a, sqlite_master b",
            "不能读「sqlite_master」",
        ),
        (
            'select 1 as subject, 1 as num, 1 as den from (with "/etc/passwd" as (select 1 as x) select x from '
            '"/etc/passwd") a, "/etc/passwd" b',
            "不能读「/etc/passwd」",
        ),
        (
            "with a as (select * from b), b as (select 1 as x) select x as subject, 1 as num, 1 as den from a",
            "不能读「b」",
        ),
        (SHORT.replace("due < $next", "due >= $next"), "全部数据"),
        (SHORT.replace("due >= $start", "due <= $start"), "全部数据"),
        (
            "select a.org_id as subject, 1 as num, 1 as den from oblig a join oblig b on a.tp_id = b.tp_id "
            "where a.due >= $start and a.due < $next",
            "b.due >= \\$start",
        ),
        (
            "select a.org_id as subject, 1 as num, 1 as den from oblig a, (select 1 as due) x "
            "where x.due >= $start and x.due < $next",
            "全部数据",
        ),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        check_sql(text, shipped_schema())
