"""What makes a definition whole (定义核对): kinds, sources, times, expressions; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taxops.engines.base import BadInput, TaxopsError
from taxops.engines.warehouse import Kind, Schema, Table

from .definition import ADDITIVE, Agg, Definition, IndicatorKind, Measure, ParamValue
from .language import BadExpression, Names, check, parse
from .language.sorts import BOOL, FLOAT, INT, TEXT
from .sql import check_sql
from .subjects import columns_of

_MEASURED = {
    IndicatorKind.SIMPLE, IndicatorKind.RATIO, IndicatorKind.SHARE, IndicatorKind.MEDIAN, IndicatorKind.DAYS
}  # fmt: skip
_STANDING = {IndicatorKind.DERIVED, IndicatorKind.RULE, IndicatorKind.CUMULATIVE, IndicatorKind.OFFSET}


def validate(definition: Definition, schema: Schema) -> Definition:
    """Return the definition unchanged when it is whole.

    Raises:
        BadInput: it is not; the message names indicator, key and, in expressions, line and column.
    """
    d = definition
    if d.sql:
        with_sql(d, schema)
    elif d.kind in _MEASURED:
        if d.num is None:
            raise fail(d, "num", "没有分子。", "请写明 num，例如 num = { agg = 'count', where = '…' }。")
        if d.kind is IndicatorKind.RATIO and d.den is None:
            raise fail(d, "den", "比率没有分母。", "请写明 den，例如 den = { agg = 'count' }。")
        if d.kind is IndicatorKind.MEDIAN and d.num.agg is not Agg.MEDIAN:
            raise fail(d, "num.agg", "中位数指标的分子应是 median。")
        for key, measure in (("num", d.num), ("den", d.den)):
            if measure is not None:
                _measure(d, key, measure, schema)
    elif d.num is not None or d.den is not None:
        raise fail(d, "num", f"{d.kind.label}指标不写分子分母。", "请用 of 引用别的指标。")
    if d.kind in _STANDING:
        _standing(d)
    if d.kind is IndicatorKind.EXTERNAL and not all(d.dataset):
        raise fail(d, "dataset", "外部指标应写明 dataset（数据集）和 item（项目）。")
    _drill(d, schema)
    _checks(d, schema)
    return d


def fail(d: Definition, key: str, what: str, todo: str = "") -> BadInput:
    """Return the complaint about one key of a definition."""
    return BadInput(f"指标 {d.code} 的 {key}：{what}", todo, field=key)


def expressions(d: Definition) -> Iterator[tuple[str, str, Measure | None]]:
    """Yield every expression of a definition: its key, its text, and the measure it belongs to."""
    for key, m in (("num", d.num), ("den", d.den)):
        if m is not None:
            yield from (
                (f"{key}.{part}", text, m) for part in ("filter", "where", "of") if (text := getattr(m, part))
            )
    yield from ((f"expr.{key}", text, None) for key, text in d.expr.items())


def with_sql(d: Definition, schema: Schema) -> None:
    """Check expert SQL: SELECT only, known tables and functions, a period filter, the wanted columns.

    Raises:
        BadInput: it does something else.
    """
    try:
        check_sql(d.sql, schema, [*(p for p in d.params)])
    except TaxopsError as error:
        raise fail(d, "sql", error.what, error.todo) from error


def sorts_of(params: Mapping[str, ParamValue]) -> dict[str, str]:
    """Return the sorts of a definition's parameters: as declared by `kind`, else by their value."""
    found = {}
    for name, param in params.items():
        by_value = TEXT if isinstance(param.value, str) else INT if isinstance(param.value, int) else FLOAT
        found[name] = param.kind or by_value
    return found


def _measure(d: Definition, key: str, m: Measure, schema: Schema) -> None:
    if not m.source:
        raise fail(d, key, "没有写明取数的表。", "请写 source，例如 source = 'oblig'。")
    try:
        table = schema.table(m.source)
    except TaxopsError as error:
        raise fail(d, f"{key}.source", error.what, error.todo) from error
    if not columns_of(d.subject, table):
        raise fail(d, f"{key}.source", f"{table.title}里没有{d.subject.label}，不能按它统计。")
    _time(d, key, m, table)
    _aggregate(d, key, m)
    names = Names(schema, table, None, sorts_of(d.params))
    value = "" if m.agg in {Agg.NUNIQUE, Agg.MIN, Agg.MAX} else "number"
    for part, wanted in (("filter", BOOL), ("where", BOOL), ("of", value)):
        text = getattr(m, part)
        if text:
            _expression(d, f"{key}.{part}", text, names, wanted)
    for dim in d.dims:
        _expression(d, "dims", dim, names, "")


def _aggregate(d: Definition, key: str, m: Measure) -> None:
    if m.agg is Agg.COUNT and m.of:
        raise fail(
            d, f"{key}.of", "计数不写 of。", "要去重计数请用 agg = 'nunique'；要合计请用 agg = 'sum'。"
        )
    if m.agg is not Agg.COUNT and not m.of:
        raise fail(d, f"{key}.of", f"{m.agg.label}要写明对什么汇总。", "例如 of = 'amount'。")
    if m.agg is not Agg.SUM and m.per != 1:
        raise fail(d, f"{key}.per", "只有合计可以写 per。")
    if m.window and m.agg not in ADDITIVE and m.agg is not Agg.NUNIQUE:
        raise fail(d, f"{key}.window", f"{m.agg.label}不能跨月合并。")


def _time(d: Definition, key: str, m: Measure, table: Table) -> None:
    """Refuse a measure that would scan everything: events need a date column, and its month decides."""
    if m.time:
        column = table.columns.get(m.time)
        if column is None or column.kind not in {Kind.DATE, Kind.DATETIME}:
            dated = [c.name for c in table.columns.values() if c.kind in {Kind.DATE, Kind.DATETIME}]
            raise fail(
                d,
                f"{key}.time",
                f"{table.title}的「{m.time}」不是日期列。",
                f"可用的有：{'、'.join(dated)}。",
            )
    elif not table.static:
        raise fail(
            d, f"{key}.time", f"没有限定统计期，会扫描{table.title}的全部数据。",
            f"请写 time，例如 time = '{table.partition}'。",
        )  # fmt: skip
    if m.at not in {"", "first", "last"} or (m.at and not table.snapshot):
        raise fail(d, f"{key}.at", "at 只用于月末余额表，应是 first 或 last。")
    if (m.window or m.shift_days) and not m.time:
        raise fail(d, f"{key}.window", "没有 time 就不能写 window 或 shift_days。")


def _expression(d: Definition, key: str, text: str, names: Names, wanted: str) -> None:
    try:
        check(parse(text), names, text, wanted)
    except BadExpression as error:
        raise fail(d, key, error.what, error.todo) from error


def _standing(d: Definition) -> None:
    if not d.of:
        raise fail(d, "of", "没有写明引用哪些指标。", "例如 of = { a = 'C101', b = 'C105' }。")
    if d.kind in {IndicatorKind.CUMULATIVE, IndicatorKind.OFFSET}:
        if len(d.of) != 1 or d.expr:
            raise fail(d, "of", f"{d.kind.label}指标只引用一个指标，也不写 expr。")
        if d.kind is IndicatorKind.OFFSET and d.back < 1:
            raise fail(d, "back", "往期指标应写明往前几个月。", "例如 back = 12。")
        return
    wanted = {"rule"} if d.kind is IndicatorKind.RULE else {"num"}
    if not wanted <= set(d.expr) or set(d.expr) - wanted - (
        {"den"} if d.kind is IndicatorKind.DERIVED else set()
    ):
        shape = "rule" if d.kind is IndicatorKind.RULE else "num（可加 den）"
        raise fail(d, "expr", f"{d.kind.label}指标的 expr 应写 {shape}。")
    names = Names(_EMPTY, None, None, sorts_of(d.params), dict.fromkeys(d.of, FLOAT))
    for key, text in d.expr.items():
        _expression(d, f"expr.{key}", text, names, BOOL if key == "rule" else "number")


def _drill(d: Definition, schema: Schema) -> None:
    if d.num is None:
        return
    names = Names(schema, schema.table(d.num.source), None, sorts_of(d.params))
    for column in d.drill:
        _expression(d, "drill", column, names, "")


def _checks(d: Definition, schema: Schema) -> None:
    known = {"rows_vs_prev", "nulls", "control_total", "tol", "unique", "value_between"}
    for one in d.checks:
        unknown = set(one) - known
        if unknown:
            raise fail(
                d,
                "checks",
                f"不认识「{'、'.join(sorted(unknown))}」。",
                f"可用的有：{'、'.join(sorted(known))}。",
            )
        nulls, unique = one.get("nulls", {}), one.get("unique", [])
        if not isinstance(nulls, Mapping) or not isinstance(unique, list):
            raise fail(d, "checks", "nulls 应是列名到比例的表，unique 应是列名列表。")
        for column in [*nulls, *unique]:
            if d.num is None or column not in schema.table(d.num.source).columns:
                raise fail(d, "checks", f"没有「{column}」这一列。")


_EMPTY = Schema({})
