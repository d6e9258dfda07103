"""Kind `sql` (数据检查): a number, the freshness of data, two sides that must agree, a value within its band."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from taxops.engines.base import CHINA, BadInput, TaxopsError, duration_words, parse_instant
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, Rows, SideAttempt, Wanted, Where
from .sql_guard import check_target, guard_select

_MODES = (
    ("count", "取一个数"),
    ("freshness", "数据新鲜度"),
    ("reconcile", "两边核对"),
    ("band", "与历史比较"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which statements where (数据检查计划)."""

    mode: str
    target: str
    sql: str
    other_target: str
    other_sql: str
    user: str
    password: str
    other_user: str
    other_password: str
    most_rows: int
    timeout_s: float


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a statement cannot be used.
    """
    params = wanted.params
    mode = params["mode"]
    target = check_target(wanted.target)
    other = ""
    if mode in {"reconcile", "band"}:
        if not params["other_sql"]:
            what = "对方的 SQL" if mode == "reconcile" else "历史值的 SQL"
            raise BadInput(f"「{dict(_MODES)[mode]}」需要填写{what}。", field="other_sql")
        other = guard_select(params["other_sql"], field="other_sql")
    other_target = params["other_target"] or ""
    return Plan(
        mode=mode,
        target=target,
        sql=guard_select(params["sql"]),
        other_target=check_target(other_target, field="other_target") if other_target else target,
        other_sql=other,
        user=params["username"] or "",
        password=params["password"] or "",
        other_user=(params["other_username"] if other_target else params["username"]) or "",
        other_password=(params["other_password"] if other_target else params["password"]) or "",
        most_rows=params["most_rows"],
        timeout_s=wanted.timeout_s,
    )


async def _ask(attempt: SideAttempt, plan: Plan, *, other: bool = False) -> Rows:
    database = attempt.tools.database
    if database is None:
        raise Failed("这个探测器没有装数据库驱动，不能执行数据检查。", Verdict.UNKNOWN)
    attempt.doing = "执行 SQL"
    began = attempt.clock()
    rows = await database.query(
        plan.other_target if other else plan.target,
        plan.other_sql if other else plan.sql,
        user=plan.other_user if other else plan.user,
        password=plan.other_password if other else plan.password,
        timeout_s=plan.timeout_s,
        most_rows=plan.most_rows,
    )
    attempt.mark("other" if other else "query", began)
    attempt.note("SQL 已返回", rows=len(rows.rows), columns=list(rows.columns)[:20])
    return rows


def number_of(value: Any) -> float:
    """Return a database value as a number.

    Raises:
        Failed: it is none.
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float | Decimal):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass  # not a number: said below
    if value is None:
        raise Failed("SQL 返回的是空值（NULL），不是数。")
    raise Failed(f"SQL 返回的「{str(value)[:40]}」不是数。")


def instant_of(value: Any) -> datetime:
    """Return a database value as an instant; without a zone it is read as Asia/Shanghai.

    Raises:
        Failed: it is none.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=CHINA)
    if isinstance(value, date):
        return datetime.combine(value, time(), CHINA)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        seconds = float(value) / (1000 if value > 1e11 else 1)
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise Failed(f"SQL 返回的「{value}」不是时间。") from error
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except TaxopsError as error:
            raise Failed(f"SQL 返回的「{value[:40]}」不是时间。") from error
    raise Failed("SQL 返回的是空值（NULL），没有任何数据。" if value is None else "SQL 返回的不是时间。")


def _first(rows: Rows) -> Any:
    if not rows.rows or not rows.rows[0]:
        raise Failed("SQL 没有返回任何行。")
    return rows.rows[0][0]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"（{len(value)} 字节）"
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)


def _shown(rows: Rows, most: int = 20) -> dict[str, Any]:
    """Return the first rows for the trace."""
    return {
        "columns": list(rows.columns),
        "rows": [[_plain(value) for value in row] for row in rows.rows[:most]],
        "n_rows": len(rows.rows),
        "truncated": rows.truncated,
    }


async def _count(attempt: SideAttempt, plan: Plan) -> Finding:
    rows = await _ask(attempt, plan)
    facts: dict[str, Any] = {
        "rows": len(rows.rows),
        "truncated": rows.truncated,
        "columns": list(rows.columns),
    }
    if rows.rows:
        facts["row"] = {name: _plain(value) for name, value in zip(rows.columns, rows.rows[0], strict=False)}
        value = _plain(rows.rows[0][0])
        if value is not None:
            facts["value"] = value
    shown = f"值为 {facts['value']}" if "value" in facts else f"共 {len(rows.rows)} 行"
    metrics = {"rows": float(len(rows.rows))}
    if isinstance(facts.get("value"), int | float):
        metrics["value"] = float(facts["value"])
    return Finding(facts, shown, metrics, "", lambda: _shown(rows))


async def _freshness(attempt: SideAttempt, plan: Plan) -> Finding:
    rows = await _ask(attempt, plan)
    newest = instant_of(_first(rows))
    age_s = attempt.wall_ms / 1000 - newest.timestamp()
    facts = {"age_s": age_s, "newest": newest.astimezone(CHINA).isoformat(), "rows": len(rows.rows)}
    problem = "" if age_s > -300 else f"最新数据的时间 {facts['newest']} 在未来，请核对时钟或时区。"
    return Finding(
        facts,
        f"最新数据在 {duration_words(age_s)}前",
        {"age_s": round(age_s, 1)},
        problem,
        lambda: _shown(rows),
    )


async def _reconcile(attempt: SideAttempt, plan: Plan) -> Finding:
    left_rows = await _ask(attempt, plan)
    right_rows = await _ask(attempt, plan, other=True)
    left, right = number_of(_first(left_rows)), number_of(_first(right_rows))
    difference = left - right
    facts = {
        "left": left,
        "right": right,
        "difference": difference,
        "difference_ratio": abs(difference) / max(abs(left), abs(right)) if difference else 0.0,
    }
    return Finding(
        facts,
        f"本方 {left:g}，对方 {right:g}，相差 {difference:g}",
        {"left": left, "right": right, "difference": difference},
        "",
        lambda: {"left": _shown(left_rows), "right": _shown(right_rows)},
    )


def band_facts(value: float, history: list[float]) -> dict[str, float]:
    """Return where a value stands among earlier ones: median, quartile fences, deviation.

    Raises:
        Failed: there is no history to compare with.
    """
    if not history:
        raise Failed("没有可比的历史值。", Verdict.UNKNOWN)
    expected = statistics.median(history)
    spread = statistics.median(abs(item - expected) for item in history) * 1.4826  # the normal law's factor
    return {
        "value": value,
        "expected": expected,
        "low": expected - 3 * spread,
        "high": expected + 3 * spread,
        "history": float(len(history)),
        "deviation_ratio": abs(value - expected) / abs(expected)
        if expected
        else (0.0 if value == 0 else 1.0),
        "deviation": abs(value - expected) / spread if spread else (0.0 if value == expected else 99.0),
    }


async def _band(attempt: SideAttempt, plan: Plan) -> Finding:
    now_rows = await _ask(attempt, plan)
    past_rows = await _ask(attempt, plan, other=True)
    value = number_of(_first(now_rows))
    row = now_rows.rows[0]
    past = past_rows.rows
    if len(row) > 1:  # the second column is the class of the day: only days of the same class are comparable
        past = [item for item in past if len(item) > 1 and item[1] == row[1]]
    facts = band_facts(value, [number_of(item[0]) for item in past])
    return Finding(
        dict(facts),
        f"当前 {value:g}，历史同类中位数 {facts['expected']:g}（{len(past)} 个）",
        {
            "value": value,
            "expected": facts["expected"],
            "deviation_ratio": round(facts["deviation_ratio"], 4),
        },
        "",
        lambda: {"now": _shown(now_rows), "history": _shown(past_rows)},
    )


_RUNS = {"count": _count, "freshness": _freshness, "reconcile": _reconcile, "band": _band}


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Ask the database and return what it says.

    Raises:
        Failed: no answer, or one of another sort than the mode needs.
    """
    finding = await _RUNS[plan.mode](attempt, plan)
    finding.facts["mode"] = plan.mode
    finding.facts["duration_ms"] = (attempt.clock() - attempt.began) * 1000
    return finding


KIND = Kind(
    name="sql",
    title="数据检查",
    help="在 PostgreSQL 或 SQLite 上执行只读查询：取数、数据新鲜度、两边核对、与历史比较。",
    target_label="数据库地址",
    target_help="例如 postgresql://10.1.2.3:5432/tax 或 sqlite:////var/lib/app/app.db。",
    params=(
        Param("mode", "方式", ParamType.CHOICE, "count", choices=_MODES),
        Param(
            "sql", "SQL", ParamType.LINES, required=True, help="只能是一条 SELECT；第一行第一列为所取的值。"
        ),
        Param("username", "账号", help="应使用只读账号。"),
        Param("password", "口令", secret=True),
        Param(
            "other_sql",
            "对方或历史的 SQL",
            ParamType.LINES,
            help="核对时取对方的数；与历史比较时每行一个历史值。"
            "两条 SQL 都有第二列时，只与第二列相同的历史值（同类日）比较。",
        ),
        Param("other_target", "对方数据库地址", help="留空为同一个库。"),
        Param("other_username", "对方账号"),
        Param("other_password", "对方口令", secret=True),
        Param("most_rows", "最多读取行数", ParamType.INTEGER, 1000, least=1, most=100_000),
    ),
    facts=(
        Fact("value", "第一行第一列的值"),
        Fact("rows", "返回的行数"),
        Fact("row", "第一行，按列名取，例如 row.status"),
        Fact("columns", "列名"),
        Fact("truncated", "是否超过最多读取行数"),
        Fact("age_s", "最新数据距今的时间（新鲜度）", "秒"),
        Fact("newest", "最新数据的时间（新鲜度）"),
        Fact("left", "本方的数（核对）"),
        Fact("right", "对方的数（核对）"),
        Fact("difference", "本方减对方（核对）"),
        Fact("difference_ratio", "相差的比例（核对）"),
        Fact("expected", "历史同类的中位数（历史比较）"),
        Fact("low", "正常下限（历史比较）"),
        Fact("high", "正常上限（历史比较）"),
        Fact("history", "可比的历史值个数（历史比较）"),
        Fact("deviation_ratio", "偏离中位数的比例（历史比较）"),
        Fact("deviation", "偏离中位数多少个标准差（历史比较）"),
        Fact("mode", "方式"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=(
        'mode != "freshness" or age_s < 1h',
        'mode != "reconcile" or difference == 0',
        'mode != "band" or value >= low and value <= high',
        'mode != "count" or exists(value)',
    ),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    keeps_metrics=True,
    verified_against="PostgreSQL 18、SQLite 3.40",
)
