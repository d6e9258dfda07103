"""Lineage (血缘): from an indicator down to the columns of the warehouse it is made of, filters included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taxops.engines.base import later
from taxops.engines.warehouse import Schema, Table

from .definition import Definition, IndicatorKind, Measure
from .language import Call, Exists, Name, Node, parse, reference, walk
from .library import Library
from .sql import check_sql
from .subjects import columns_of

if TYPE_CHECKING:
    from sqlglot import exp
else:
    exp = later("sqlglot.expressions")


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A column that a number comes from (来源列)."""

    table: str
    column: str


def lineage(library: Library, schema: Schema, code: str) -> dict[str, tuple[Origin, ...]]:
    """Return code → columns, for an indicator and all it stands on."""
    return {d.code: tuple(sorted(columns_read(d, schema))) for d in library.closure([code])}


def users_of_column(library: Library, schema: Schema, table: str, column: str) -> list[str]:
    """Return the codes of indicators that a column matters to, near and far: what a change of it touches."""
    direct = [c for c, d in library.definitions.items() if Origin(table, column) in columns_read(d, schema)]
    found = dict.fromkeys(direct)
    for code in direct:
        found.update(dict.fromkeys(library.users(code)))
    return list(found)


def columns_read(d: Definition, schema: Schema) -> set[Origin]:
    """Return the columns that a definition itself reads."""
    if d.sql:
        return _of_sql(d, schema)
    if d.kind is IndicatorKind.EXTERNAL:
        return {
            Origin("ext_value", c)
            for c in ("dataset", "item", "org_id", "month", "version", "value", "num", "den")
        }
    found: set[Origin] = set()
    for measure in d.measures:
        found |= _of_measure(d, measure, schema)
    return found


def _of_measure(d: Definition, m: Measure, schema: Schema) -> set[Origin]:
    table = schema.table(m.source)
    found = {Origin(table.name, c) for c in columns_of(d.subject, table)}
    found |= {Origin(table.name, c) for c in ((m.time,) if m.time else (table.valid or ()))}
    for text in (m.filter, m.where, m.of):
        if text:
            found |= _of_tree(parse(text), table, None, schema)
    return found


def _of_tree(tree: Node, table: Table, outer: Table | None, schema: Schema) -> set[Origin]:
    found: set[Origin] = set()
    inside: set[Node] = set()
    for node in walk(tree):
        if node in inside:
            continue
        if isinstance(node, Exists):
            inside |= set(walk(node.where))
            found |= _of_tree(node.where, schema.table(node.table), table, schema)
        elif isinstance(node, Call) and node.name == "status_at":
            found |= {Origin("tp_status_event", c) for c in ("tp_id", "on", "status")}
            found.add(Origin(table.name, str(reference(table, "tp"))))
        elif isinstance(node, Name) and node.owner != "period":
            found |= _of_name(node, table, outer, schema)
    return found


def _of_name(node: Name, table: Table, outer: Table | None, schema: Schema) -> set[Origin]:
    if node.owner == "this" and outer is not None:
        return {Origin(outer.name, node.name)}
    if not node.owner:
        return {Origin(table.name, node.name)}
    through = reference(table, node.owner)
    assert through is not None
    other = schema.table(table.columns[through].refers)
    return {Origin(table.name, through), Origin(other.name, node.name)} | {
        Origin(other.name, c) for c in (*other.key[:1], *(other.valid or ()))
    }


def _of_sql(d: Definition, schema: Schema) -> set[Origin]:
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    tree = check_sql(d.sql, schema, list(d.params)).copy()
    tree = tree.transform(lambda n: exp.null() if isinstance(n, exp.Parameter | exp.Placeholder) else n)
    types: dict[str, object] = {
        t.name: {c.name: c.kind.value for c in t.columns.values()} for t in schema.tables.values()
    }
    qualified = qualify(tree, dialect="duckdb", schema=types, quote_identifiers=False)
    found: set[Origin] = set()
    for scope in traverse_scope(qualified):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.add(Origin(source.name, column.name))
    return found
