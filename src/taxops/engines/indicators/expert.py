"""Expert SQL run (专家 SQL 执行): the checked SELECT, with the period's days put in, in the engine's own dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taxops.engines.base import later
from taxops.engines.warehouse import Engine

from .definition import Definition
from .period import Period
from .slices import fingerprint
from .sql import check_sql

if TYPE_CHECKING:
    from sqlglot import exp
else:
    exp = later("sqlglot.expressions")

_DIALECTS = {"duckdb": "duckdb", "postgresql": "postgres", "spark": "spark", "clickhouse": "clickhouse"}


def sql_text(engine: Engine, d: Definition, whole: Period) -> str:
    """Return the SQL that runs for a definition and period on this engine."""
    tree = check_sql(d.sql, engine.lake.schema, list(d.params)).copy()
    values: dict[str, exp.Expr] = {
        "start": exp.cast(exp.Literal.string(whole.first.isoformat()), "date"),
        "next": exp.cast(exp.Literal.string(whole.next.isoformat()), "date"),
    }
    for name, param in d.params.items():
        values[name] = exp.convert(param.value)
    filled = tree.transform(
        lambda node: values[node.name].copy() if isinstance(node, exp.Parameter | exp.Placeholder) else node
    )
    types = {"subject": "bigint", "num": "double", "den": "double"}
    typed = exp.select(*(exp.alias_(exp.cast(exp.column(c), t), c) for c, t in types.items()))
    return typed.from_(exp.Subquery(this=filled, alias="given")).sql(
        dialect=_DIALECTS[engine.name], comments=False
    )


def sql_tables(engine: Engine, d: Definition) -> list[str]:
    """Return the tables that a definition's SQL reads."""
    tree = check_sql(d.sql, engine.lake.schema, list(d.params))
    return sorted({t.name for t in tree.find_all(exp.Table) if t.name in engine.lake.schema.tables})


def sql_inputs(engine: Engine, d: Definition, whole: Period) -> dict[str, dict[str, int]]:
    """Return table → month → version of what a definition's SQL reads."""
    months = [str(m) for m in whole.each_month()]
    found = {}
    for name in sql_tables(engine, d):
        static = engine.lake.schema.table(name).static
        found[name] = engine.lake.versions(name, None if static else months)
    return found


def sql_fingerprint(engine: Engine, d: Definition, whole: Period) -> str:
    """Return the hash of what a definition's SQL computes from."""
    params = {k: v.value for k, v in d.params.items()}
    return fingerprint("sql", d.sql, params, str(whole), sql_inputs(engine, d, whole))


def run_sql(engine: Engine, d: Definition, whole: Period) -> Mapping[int, tuple[Any, Any]]:
    """Return subject → (numerator, denominator) of a definition's SQL."""
    for name in sql_tables(engine, d):
        engine.table(name)
    text = sql_text(engine, d, whole)
    expr = engine.query(text, {"subject": "int64", "num": "float64", "den": "float64"})
    return {
        r["subject"]: (_plain(r["num"]), _plain(r["den"]))
        for r in engine.rows(expr)
        if r["subject"] is not None
    }


def _plain(value: Any) -> Any:
    """Return whole numbers as integers: counts come back as fractions from a column that may hold either."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
