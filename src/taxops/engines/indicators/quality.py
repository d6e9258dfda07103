"""Quality gates (质量门): 可信, 存疑, 缺失, 样本不足, 不适用: every number says how far it may be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import Choices
from taxops.engines.warehouse import Engine, Kind, primitives

from .definition import Definition, Measure
from .framing import Frame
from .period import Mode, Period
from .slices import Part, Slice, part_of
from .valuing import Value


class State(Choices):
    """How far a number may be relied on (数据状态)."""

    TRUSTED = "trusted", "可信"
    DOUBTFUL = "doubtful", "存疑"
    MISSING = "missing", "缺失"
    SMALL = "small", "样本不足"
    NOT_APPLICABLE = "na", "不适用"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a definition found (核对结论).

    Args:
        check: which.
        ok: it holds.
        text: the figures, in Chinese.
    """

    check: str
    ok: bool
    text: str


def state_of(
    d: Definition, value: Value, findings: Sequence[Finding], *, has_data: bool
) -> tuple[State, tuple[str, ...]]:
    """Return the state of one number and the reasons for it.

    Args:
        d: its definition.
        value: the number.
        findings: of the definition's checks in this period.
        has_data: whether anything was loaded for the period.
    """
    if not has_data:
        return State.MISSING, ("本期没有装载数据",)
    if value.value is None:
        if value.den == 0:
            return State.NOT_APPLICABLE, ("分母为 0",)
        return State.MISSING, ("所引用的数缺失",)
    if d.min_den and value.den is not None and value.den < d.min_den:
        return State.SMALL, (f"分母 {value.den:g} 小于 {d.min_den}",)
    wrong = tuple(f.text for f in findings if not f.ok)
    return (State.DOUBTFUL, wrong) if wrong else (State.TRUSTED, ())


def check_data(engine: Engine, d: Definition, period: Period, mode: Mode) -> list[Finding]:
    """Run the checks of a definition over all rows of its period, the whole warehouse at once."""
    if not d.checks or d.num is None:
        return []
    base = Measure(source=d.num.source, time=d.num.time)
    whole = period.to_date() if mode is Mode.YTD else period
    now, before = (_counted(engine, d, base, p) for p in (whole, whole.earlier(whole.months)))
    found: list[Finding] = []
    for check in d.checks:
        found += _rows(check, now, before) + _nulls(check, d, engine, now) + _unique(check, now)
        found += _control(check, engine, whole, now)
    return found


def value_findings(d: Definition, value: Value) -> list[Finding]:
    """Check one number against the range a definition gives it."""
    found = []
    for check in d.checks:
        bounds = check.get("value_between")
        if isinstance(bounds, list) and value.value is not None:
            low, high = bounds
            ok = low <= value.value <= high
            found.append(Finding("value_between", ok, f"数值 {value.value:g} 不在 {low:g} 到 {high:g} 之间"))
    return found


def _counted(engine: Engine, d: Definition, base: Measure, whole: Period) -> Mapping[str, Any]:
    """Return rows, empties by column and rows with a key twice, in one pass."""
    one = Slice(whole.first, whole.next, whole.first, whole.next)
    rows = Frame(engine, [Part(base)], one).rows
    counts = {"rows": primitives.rows(rows)}
    for check in d.checks:
        for column in _names(check.get("nulls")):
            counts[f"null_{column}"] = primitives.rows(rows, rows[column].isnull())
    found = dict(engine.rows(rows.aggregate(**counts))[0])
    for check in d.checks:
        columns = _names(check.get("unique"))
        if columns:
            groups = rows.group_by(columns).aggregate(n=primitives.rows(rows))
            twice = groups.aggregate(n=primitives.rows(groups, groups.n > 1))
            found["unique_" + ",".join(columns)] = engine.rows(twice)[0]["n"]
    return found


def _names(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, Mapping | list) else []


def _rows(check: Mapping[str, Any], now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Finding]:
    bounds = check.get("rows_vs_prev")
    if not bounds or not before["rows"]:
        return []
    share = now["rows"] / before["rows"]
    return [Finding("rows_vs_prev", bounds[0] <= share <= bounds[1], f"行数为上期的 {share:.0%}")]


def _nulls(check: Mapping[str, Any], d: Definition, engine: Engine, now: Mapping[str, Any]) -> list[Finding]:
    found = []
    limits = check.get("nulls", {})
    for column, limit in limits.items():
        share = now[f"null_{column}"] / now["rows"] if now["rows"] else 0.0
        assert d.num is not None
        title = engine.lake.schema.table(d.num.source).columns[column].title
        found.append(Finding("nulls", share <= limit, f"「{title}」为空 {share:.1%}，上限 {limit:.1%}"))
    return found


def _unique(check: Mapping[str, Any], now: Mapping[str, Any]) -> list[Finding]:
    columns = _names(check.get("unique"))
    if not columns:
        return []
    twice = now["unique_" + ",".join(columns)]
    return [Finding("unique", not twice, f"按 {'、'.join(columns)} 有 {twice} 组重复")]


def _control(
    check: Mapping[str, Any], engine: Engine, whole: Period, now: Mapping[str, Any]
) -> list[Finding]:
    item = check.get("control_total")
    if not item:
        return []
    table = engine.table("ext_value")
    assert engine.lake.schema.table("ext_value").columns["month"].kind is Kind.DATE
    picked = table.filter((table.dataset == "control") & (table.item == str(item)))
    months = {m.first for m in whole.each_month()}
    newest: dict[tuple[Any, Any], tuple[int, float]] = {}
    for r in engine.rows(picked.select("org_id", "month", "version", "value")):
        key = (r["org_id"], r["month"])
        if r["month"] in months and newest.get(key, (0, 0.0))[0] <= r["version"]:
            newest[key] = (r["version"], r["value"])
    if not newest:
        return [Finding("control_total", False, f"没有控制总数「{item}」")]
    stated = sum(v for _, v in newest.values())
    tolerance = float(check.get("tol", 0))
    ok = abs(now["rows"] - stated) <= tolerance * max(abs(stated), 1.0)
    return [Finding("control_total", ok, f"控制总数「{item}」为 {stated:g}，实有 {now['rows']} 行")]


def parts_of(d: Definition) -> list[Part]:
    """Return the measures of a definition with their parameters."""
    return [part_of(d, m) for m in d.measures]
