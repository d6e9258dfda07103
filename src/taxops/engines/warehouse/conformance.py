"""The conformance suite (一致性检验): what an engine must compute right before an indicator may run on it.

Each trial runs one primitive, exactly as the compiler of indicators uses it, over a table that shows the divergences
seen between engines (spec: lag of a first row, sum of no rows, distinct of many, length of Chinese, rounding halves,
x/0, empty values in windows and comparisons).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from taxops.engines.base import TaxopsError, later

from . import primitives as p
from .backends import Engine
from .batch import Rows
from .lake import MemoryLake
from .schema import Schema, parse_schema

if TYPE_CHECKING:
    import ibis
else:
    ibis = later("ibis")

MANY = 20_000
"""Rows of the distinct trial: an approximate count is off by now."""

_SCHEMA = {
    "table": {
        "trial": {
            "static": True,
            "columns": """
id int key 行号
grp text 组
money fen 金额
maybe fen? 可空金额
x float 小数
day date 日期
done date? 可空日期
at datetime 时间
called datetime? 可空时间
word text? 文字
flag bool 是否
n int 整数
""",
        },
        "many": {"static": True, "columns": "id int key 行号\nv int 值"},
        "spell": {"static": True, "columns": "id int key 行号\nday date key 起\nstatus text 状态"},
    }
}


def _row(number: int, grp: str, **more: object) -> dict[str, object]:
    base: dict[str, object] = {
        "id": number, "grp": grp, "money": 100 * number, "maybe": None, "x": 0.5 + number, "day": date(2025, 1, 31),
        "done": None, "at": datetime(2025, 1, 31, 23, 59, 30), "called": None, "word": None, "flag": number % 2 == 0,
        "n": number,
    }  # fmt: skip
    return {**base, **more}


def _trial() -> Rows:
    return [
        _row(1, "甲", money=9_007_199_254_740_993, maybe=7, x=2.5, done=date(2025, 3, 1), word="电子票据"),
        _row(
            2,
            "甲",
            money=1,
            x=0.125,
            day=date(2024, 2, 29),
            called=datetime(2025, 2, 1, 0, 1, 29),
            word="发票ab",
        ),
        _row(3, "甲", money=-4, maybe=0, x=-2.5, day=date(2024, 12, 31), done=date(2024, 12, 31), word=""),
        _row(4, "乙", money=10, x=3.5, day=date(2025, 5, 31), called=datetime(2025, 1, 31, 23, 59, 30), n=0),
        _row(5, "乙", money=20, x=0.285, day=date(2025, 11, 30), done=date(2026, 1, 1), word="abc", n=-3),
        _row(6, "丙", money=0, x=1.005, day=date(2025, 7, 15), n=12),
    ]


def _spells() -> Rows:
    return [
        {"id": 1, "day": date(2025, 1, 1), "status": "a"},
        {"id": 1, "day": date(2025, 2, 1), "status": "b"},
        {"id": 1, "day": date(2025, 3, 1), "status": "c"},
        {"id": 2, "day": date(2025, 1, 15), "status": "a"},
    ]


def lake() -> MemoryLake:
    """Return the tables that the trials run over."""
    many = [{"id": n, "v": (n * 7919) % (MANY - 13)} for n in range(MANY)]
    return MemoryLake(schema(), {"trial": _trial(), "many": many, "spell": _spells()})


def schema() -> Schema:
    """Return the schema of those tables."""
    return parse_schema(_SCHEMA)


Build = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """One primitive put to the test (检验项).

    Args:
        name: stable.
        title: what it shows, in Chinese.
        build: tables → a table expression whose rows, ordered by the first column, are the answer.
        expected: the right rows.
    """

    name: str
    title: str
    build: Build
    expected: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one trial found on one engine (检验结论)."""

    name: str
    title: str
    ok: bool
    found: str = ""
    expected: str = ""


def _each(**columns: Callable[[Any], Any]) -> Build:
    return lambda t: t["trial"].select(id=t["trial"].id, **{k: f(t["trial"]) for k, f in columns.items()})


def _by_group(**columns: Callable[[Any], Any]) -> Build:
    def build(t: Mapping[str, Any]) -> Any:
        return t["trial"].group_by("grp").aggregate(**{k: f(t["trial"]) for k, f in columns.items()})

    return build


def _statuses(t: Mapping[str, Any]) -> Any:
    """Return the status that holds at a day, as `status_at` is compiled: spells by `following`, an outer join."""
    spells = t["spell"].mutate(until=p.following(t["spell"].day, "id", "day"))
    rows = t["trial"].select("id", "day")
    holds = (
        (rows.id == spells.id)
        & (spells.day <= rows.day)
        & (spells.until.isnull() | (rows.day < spells.until))
    )
    return rows.left_join(spells, holds).select(id=rows.id, status=spells.status)


def _d(text: str) -> date:
    return date.fromisoformat(text)


TRIALS: tuple[Trial, ...] = (
    Trial("count_where", "带条件计数，空条件不算",
          _by_group(v=lambda t: p.rows(t, t.done <= t.day)), (("丙", 0), ("乙", 0), ("甲", 1))),
    Trial("sum_integer", "整数金额求和不失真",
          _by_group(v=lambda t: p.total(t.money)), (("丙", 0), ("乙", 30), ("甲", 9_007_199_254_740_990))),
    Trial("sum_of_none", "没有行时合计为 0",
          _by_group(v=lambda t: p.total(t.money, t.n > 100), w=lambda t: p.total(t.maybe)),
          (("丙", 0, 0), ("乙", 0, 0), ("甲", 0, 7))),
    Trial("distinct", "去重计数精确",
          lambda t: t["many"].aggregate(v=p.distinct(t["many"].v)), ((MANY - 13,),)),
    Trial("extremes", "没有行时最大最小为空",
          _by_group(lo=lambda t: p.smallest(t.maybe), hi=lambda t: p.largest(t.money, t.n > 1)),
          (("丙", None, 0), ("乙", None, None), ("甲", 0, 1))),
    Trial("median", "中位数精确，偶数取中间两数平均，没有行为空",
          _by_group(v=lambda t: p.median(t.n), w=lambda t: p.median(t.n, t.flag)),
          (("丙", 12.0, 12.0), ("乙", -1.5, 0.0), ("甲", 2.0, 2.0))),
    Trial("ratio", "除以零为空，整数相除得小数",
          _each(v=lambda t: p.ratio(t.id, t.n)),
          ((1, 1.0), (2, 1.0), (3, 1.0), (4, None), (5, -5 / 3), (6, 0.5))),
    Trial("round", "四舍五入，远离零",
          _each(v=lambda t: p.round_half_up(t.x, 0), w=lambda t: p.round_half_up(t.x, 2)),
          ((1, 3.0, 2.5), (2, 0.0, 0.13), (3, -3.0, -2.5), (4, 4.0, 3.5), (5, 0.0, 0.29), (6, 1.0, 1.01))),
    Trial("characters", "中文按字计长，空为空",
          _each(v=lambda t: p.characters(t.word)), ((1, 4), (2, 4), (3, 0), (4, None), (5, 3), (6, None))),
    Trial("starts_with", "以某字开头", _each(v=lambda t: t.word.startswith("发")),
          ((1, False), (2, True), (3, False), (4, None), (5, False), (6, None))),
    Trial("date_of", "时间取日期，跨零点不变", _each(v=lambda t: p.date_of(t.called)),
          ((1, None), (2, _d("2025-02-01")), (3, None), (4, _d("2025-01-31")), (5, None), (6, None))),
    Trial("month_and_quarter", "月初和季初", _each(m=lambda t: p.month_of(t.day), q=lambda t: p.quarter_of(t.day)),
          ((1, _d("2025-01-01"), _d("2025-01-01")), (2, _d("2024-02-01"), _d("2024-01-01")),
           (3, _d("2024-12-01"), _d("2024-10-01")), (4, _d("2025-05-01"), _d("2025-04-01")),
           (5, _d("2025-11-01"), _d("2025-10-01")), (6, _d("2025-07-01"), _d("2025-07-01")))),
    Trial("days_between", "相差天数，跨闰日", _each(v=lambda t: p.days_between(t.day, t.done)),
          ((1, 29), (2, None), (3, 0), (4, None), (5, 32), (6, None))),
    Trial("months_between", "相差月数",
          _each(v=lambda t: p.months_between(t.day, ibis.date(2025, 3, 1))),
          ((1, 2), (2, 13), (3, 3), (4, -2), (5, -8), (6, -4))),
    Trial("seconds_between", "相差秒数", _each(v=lambda t: p.seconds_between(t.at, t.called)),
          ((1, None), (2, 119), (3, None), (4, 0), (5, None), (6, None))),
    Trial("minutes_between", "相差整分钟，向下取整", _each(v=lambda t: p.minutes_between(t.at, t.called)),
          ((1, None), (2, 1), (3, None), (4, 0), (5, None), (6, None))),
    Trial("add_days", "加天数", _each(v=lambda t: p.add_days(t.day, t.n)),
          ((1, _d("2025-02-01")), (2, _d("2024-03-02")), (3, _d("2025-01-03")), (4, _d("2025-05-31")),
           (5, _d("2025-11-27")), (6, _d("2025-07-27")))),
    Trial("add_months", "加月数，月末取当月最后一天", _each(v=lambda t: p.add_months(t.day, t.n)),
          ((1, _d("2025-02-28")), (2, _d("2024-04-29")), (3, _d("2025-03-31")), (4, _d("2025-05-31")),
           (5, _d("2025-08-30")), (6, _d("2026-07-15")))),
    Trial("previous", "首行的上一行为空，不是 0",
          _each(v=lambda t: p.previous(t.money, t.grp, t.id)),
          ((1, None), (2, 9_007_199_254_740_993), (3, 1), (4, None), (5, 10), (6, None))),
    Trial("following", "末行的下一行为空，不是 0", _each(v=lambda t: p.following(t.money, t.grp, t.id)),
          ((1, 1), (2, -4), (3, None), (4, 20), (5, None), (6, None))),
    Trial("status_at", "某日所处状态（区间连接）", _statuses,
          ((1, "a"), (2, None), (3, None), (4, None), (5, None), (6, None))),
    Trial("extremes_of_row", "行内最大最小忽略空值",
          _each(lo=lambda t: p.least([t.money, t.maybe, t.n]), hi=lambda t: p.greatest([t.maybe, t.n])),
          ((1, 1, 7), (2, 1, 2), (3, -4, 3), (4, 0, 0), (5, -3, -3), (6, 0, 12))),
    Trial("overlap", "半开区间相交，终点空为至今",
          _each(v=lambda t: p.overlap(t.day, t.done, ibis.date(2025, 1, 31), ibis.date(2025, 11, 30))),
          ((1, True), (2, True), (3, False), (4, True), (5, False), (6, True))),
    Trial("membership", "属于、不属于，空值都不成立",
          _each(v=lambda t: t.word.isin(["abc", "发票ab"]).fill_null(False),
                w=lambda t: (~t.word.isin(["abc"])).fill_null(False)),
          ((1, False, True), (2, True, True), (3, False, True), (4, False, False), (5, True, False),
           (6, False, False))),
    Trial("case", "分段取值", _each(v=lambda t: ibis.cases((t.n > 5, 2), (t.n > 0, 1), else_=0)),
          ((1, 1), (2, 1), (3, 1), (4, 0), (5, 0), (6, 2))),
)  # fmt: skip


def conform(engine: Engine) -> list[Verdict]:
    """Run every trial on an engine that was opened over `lake()`; an error of the engine is a failed trial."""
    return [_judge(engine, trial) for trial in TRIALS]


def _judge(engine: Engine, trial: Trial) -> Verdict:
    expected = repr(trial.expected)
    try:
        names = engine.lake.schema.tables
        expr = trial.build({name: engine.table(name) for name in names})
        answer = engine.run(expr)
    except TaxopsError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an engine throws is its failed trial, shown with its words
        text = str(error).strip().splitlines()
        return Verdict(
            trial.name,
            trial.title,
            False,
            f"{type(error).__name__}: {text[0][:300] if text else ''}",
            expected,
        )
    columns = answer.column_names
    found = sorted((tuple(row[c] for c in columns) for row in answer.to_pylist()), key=lambda r: str(r[0]))
    wanted = sorted(trial.expected, key=lambda r: str(r[0]))
    ok = len(found) == len(wanted) and all(
        _same(a, b) for x, y in zip(found, wanted, strict=True) for a, b in zip(x, y, strict=True)
    )
    return Verdict(trial.name, trial.title, ok, repr(tuple(found)), expected)


def _same(found: object, wanted: object) -> bool:
    if isinstance(found, float) and math.isnan(found):
        return False
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(found, wanted, rel_tol=1e-12, abs_tol=0.0)
    if isinstance(found, datetime) and not isinstance(wanted, datetime):
        return False
    return type(found) is type(wanted) and found == wanted
