"""Expert SQL (专家 SQL): DuckDB dialect, one SELECT, known tables and functions only, bounded by the period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, later
from taxops.engines.warehouse import Schema

if TYPE_CHECKING:
    import sqlglot
    from sqlglot import errors, exp
else:
    sqlglot = later("sqlglot")
    errors = later("sqlglot.errors")
    exp = later("sqlglot.expressions")

WANTED = ("subject", "num", "den")
"""Columns that an expert SELECT gives: the subject's number (org_id or tp_id), numerator, denominator."""

MAX_SQL = 20_000
ALLOWED = frozenset(
    [
        "count",
        "sum",
        "min",
        "max",
        "abs",
        "coalesce",
        "nullif",
        "greatest",
        "least",
        "case",
        "cast",
        "trycast",
        "if",
        "extract",
        "datetrunc",
        "timestamptrunc",
        "datediff",
        "dateadd",
        "datesub",
        "year",
        "month",
        "day",
        "quarter",
        "lower",
        "upper",
        "length",
        "substring",
        "trim",
        "concat",
        "round",
        "floor",
        "ceil",
        "rownumber",
        "rank",
        "denserank",
        "lag",
        "lead",
        "firstvalue",
        "lastvalue",
        "sign",
        "anonymous_none",
        "and",
        "or",
        "not",
        "xor",
        "in",
        "between",
        "is",
        "distinct",
        "filter",
        "currentdate_none",
        "tsordstodate",
        "tsordstotimestamp",
        "datestrtodate",
        "date",
        "countif",
        "arrayagg_none",
    ]
)
"""Functions an expert may call, by sqlglot's names without underscores."""

FORBIDDEN = (
    "Insert", "Update", "Delete", "Create", "Drop", "Alter", "Command", "Merge", "Copy",
    "Attach", "Detach", "Pragma", "Set", "Into", "TruncateTable", "Describe", "Use",
)  # fmt: skip
"""Statements and clauses that do more than read, by sqlglot's names."""


def check_sql(text: str, schema: Schema, params: Sequence[str] = ()) -> exp.Expr:
    """Return the parsed SELECT of an expert when it may run.

    The text names `$start` and `$next` (first day of the period and the day after it) in a comparison for every table
    that is not small; other `$name` are the definition's parameters.

    Raises:
        BadInput: it writes, reads what it may not, calls what it may not, or scans everything.
    """
    if len(text) > MAX_SQL:
        raise BadInput(f"SQL 超过 {MAX_SQL} 个字符。")
    tree = _parsed(text)
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise BadInput("专家 SQL 只能是一条 SELECT。", "不能写入、改表、调用命令。")
    for name in FORBIDDEN:
        if (found := tree.find(getattr(exp, name))) is not None:
            raise BadInput(f"专家 SQL 不能包含 {found.key.upper()}。", "只能读取，不能写入。")
    names = [p.name for p in tree.find_all(exp.Parameter, exp.Placeholder)]
    for name in names:
        if name not in {"start", "next", *params}:
            raise BadInput(
                f"专家 SQL 里没有参数「${name}」。", f"可用的有：{'、'.join(['start', 'next', *params])}。"
            )
    _tables(tree, schema)
    _functions(tree)
    given = tuple(tree.named_selects)
    if given != WANTED:
        raise BadInput(
            f"专家 SQL 应依次给出 {'、'.join(WANTED)} 三列，现在是 {'、'.join(given) or '（无）'}。"
        )
    return tree


def _parsed(text: str) -> exp.Expr:
    try:
        trees = [t for t in sqlglot.parse(text, read="duckdb") if t is not None]
    except errors.SqlglotError as error:
        told = error.errors if isinstance(error, errors.ParseError) else []
        found = told[0] if told else {}
        where = f"第 {found.get('line')} 行第 {found.get('col')} 列：" if found else ""
        raise BadInput(
            f"{where}SQL 有语法错误，近「{found.get('highlight', '')}」。", "请按 DuckDB 的写法改正。"
        ) from error
    except RecursionError:
        raise BadInput("SQL 的括号嵌套太深。", "请分成几个 WITH 来写。") from None
    if len(trees) != 1:
        raise BadInput("专家 SQL 只能是一条 SELECT。", "请只写一条语句。")
    return trees[0]


def _tables(tree: exp.Expr, schema: Schema) -> None:
    for given in tree.find_all(exp.With):
        if given.args.get("recursive"):
            raise BadInput("专家 SQL 不能用 WITH RECURSIVE。", "它可能永远算不完，请改写。")
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise BadInput("专家 SQL 不能用表函数。", "只能读数据仓库的表。")
        if table.db or table.catalog:
            raise BadInput(f"表名「{table.sql()}」不能带库名。")
        if _is_named_here(table):
            continue
        if table.name not in schema.tables:
            raise BadInput(f"专家 SQL 不能读「{table.name}」。", f"可用的表有：{'、'.join(schema.tables)}。")
        _bounded(table, schema)


def _is_named_here(table: exp.Table) -> bool:
    """Tell whether a table is a CTE where it stands: one of a WITH around it, that comes before it.

    A CTE elsewhere, or of the very same name around a table, says nothing: there the name is the engine's own table, a
    file, or the whole of a warehouse table.
    """
    node: exp.Expr | None = table
    inside: set[int] = set()
    while node is not None:
        given = node.args.get("with_") or node.args.get("with")
        for cte in given.expressions if given is not None else ():
            if id(cte) in inside:
                break
            if cte.alias == table.name:
                return True
        inside.add(id(node))
        node = node.parent
    return False


def _bounded(table: exp.Table, schema: Schema) -> None:
    """Refuse a scan of everything: a table of events needs `$start` below and `$next` above, in the WHERE beside it."""
    found = schema.table(table.name)
    if found.static:
        return
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where") if select is not None else None
    bounds = {
        bound
        for part in (_conjuncts(where.this) if where is not None else ())
        if (bound := _bound(part, found.partition, table.alias_or_name))
    }
    if not {"from start", "to next"} <= bounds:
        named = f"{table.alias_or_name}.{found.partition}" if table.alias else found.partition
        raise BadInput(
            f"没有限定统计期，会扫描{found.title}的全部数据。",
            f"请写 WHERE {named} >= $start AND {named} < $next。",
        )


def _bound(part: exp.Expr, column: str, table: str) -> str:
    """Return what a comparison of a table's column with `$start` or `$next` bounds; empty when nothing."""
    if not isinstance(part, exp.GTE | exp.GT | exp.LT | exp.LTE):
        return ""
    is_from = isinstance(part, exp.GTE | exp.GT)
    left, right = part.this, part.expression
    if isinstance(left, exp.Parameter | exp.Placeholder):
        left, right, is_from = right, left, not is_from
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Parameter | exp.Placeholder):
        return ""
    if left.name != column or left.table not in {"", table}:
        return ""
    return f"{'from' if is_from else 'to'} {right.name}"


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    """Return what must all hold: a bound inside OR bounds nothing."""
    if isinstance(node, exp.Paren):
        return _conjuncts(node.this)
    if isinstance(node, exp.And):
        return _conjuncts(node.left) + _conjuncts(node.right)
    return [node]


def _functions(tree: exp.Expr) -> None:
    for function in tree.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else type(function).__name__
        if name.lower().replace("_", "") not in ALLOWED:
            raise BadInput(f"专家 SQL 不能调用「{name}」。", "需要的函数请联系平台开放。")
