"""Frames (取数框): the rows of a slice with all that its expressions refer to joined on, once for many measures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from taxops.engines.base import later
from taxops.engines.warehouse import Engine, Kind, Table, primitives

from .language import Call, Exists, Name, Node, Row, compile_node, reference, walk
from .language.nodes import Binary
from .slices import Part, Slice, months_of, parsed

if TYPE_CHECKING:
    import ibis
else:
    ibis = later("ibis")

Expr = Any
NORMAL = "normal"
"""The status of a taxpayer of whom no change was recorded."""


class Frame:
    """The rows of one slice of one table, joined with what measures refer to (取数框).

    Args:
        engine: runs it.
        parts: the measures it serves; same source, time and slice.
        one: the slice.
        also: more expressions that will be compiled over it (dimensions, columns to drill by).
    """

    def __init__(self, engine: Engine, parts: Iterable[Part], one: Slice, also: Iterable[Node] = ()) -> None:
        self.engine = engine
        self.parts = list(parts)
        self.one = one
        measure = self.parts[0].measure
        self.source: Table = engine.lake.schema.table(measure.source)
        self.time = measure.time
        trees = [t for part in self.parts for t in part.trees] + list(also)
        self.rows: Expr = engine.table(self.source.name, months_of(self.source, measure, one))
        self.rows = self.rows.filter(self._in_time(self.rows))
        self._nested: dict[tuple[Node, tuple[tuple[str, Any], ...]], str] = {}
        self._refer(trees)
        for part in self.parts:
            self._nest(part)

    def row(self, part: Part | None = None) -> Row:
        """Return what names stand for, for the expressions of one measure."""
        params = part.params if part is not None else ()
        nested = {node: self.rows[name] for (node, given), name in self._nested.items() if given == params}
        return Row(self._column, dict(params), self.one.first, self.one.end, self.one.last, nested)

    def condition(self, part: Part) -> Expr | None:
        """Return the condition under which a row counts for a measure; None when every row does."""
        m, row = part.measure, self.row(part)
        found = [compile_node(parsed(text), row) for text in (m.filter, m.where) if text]
        return None if not found else found[0] if len(found) == 1 else found[0] & found[1]

    def value(self, part: Part) -> Expr:
        """Return what a measure aggregates, per row; 1 for counts."""
        if not part.measure.of:
            return ibis.literal(1)
        return compile_node(parsed(part.measure.of), self.row(part))

    def _in_time(self, rows: Expr) -> Expr:
        if not self.time:
            return (
                self._holds(rows, self.source, _day(self.one.last))
                if self.source.valid
                else ibis.literal(True)
            )
        column = rows[self.time]
        if self.source.columns[self.time].kind is Kind.DATETIME:
            # a literal: Spark has no way to put a timestamp together from its parts
            start, after = (
                ibis.timestamp(f"{d.isoformat()} 00:00:00") for d in (self.one.start, self.one.next)
            )
        else:
            start, after = _day(self.one.start), _day(self.one.next)
        return (column >= start) & (column < after)

    @staticmethod
    def _holds(rows: Expr, table: Table, day: Expr) -> Expr:
        """Test whether a row of a table with history holds on a day."""
        assert table.valid is not None
        start, end = rows[table.valid[0]], rows[table.valid[1]]
        return (start <= day) & (end.isnull() | (day < end))

    def _column(self, owner: str, name: str) -> Expr:
        return self.rows[f"{owner}__{name}" if owner else name]

    def _day_of_row(self) -> Expr:
        """Return the day a row speaks about: its time, or the period's last day."""
        if not self.time:
            return _day(self.one.last)
        column = self.rows[self.time]
        return column.date() if self.source.columns[self.time].kind is Kind.DATETIME else column

    def _refer(self, trees: list[Node]) -> None:
        """Join the tables that `owner.x` refers to; a table with history as it stood on the row's day."""
        wanted: dict[str, set[str]] = {}
        for tree in trees:
            for node in walk(tree):
                if isinstance(node, Name) and node.owner not in {"", "this", "period"}:
                    wanted.setdefault(node.owner, set()).add(node.name)
        for owner, names in sorted(wanted.items()):
            column = reference(self.source, owner)
            assert column is not None
            other = self.engine.lake.schema.table(self.source.columns[column].refers)
            right = self.engine.table(other.name)
            key = other.key[0]
            valid = list(other.valid or ())
            right = right.select(
                **{f"{owner}__{n}": right[n] for n in sorted(names)},
                **{f"{owner}__k": right[key]},
                **{f"{owner}__v{i}": right[v] for i, v in enumerate(valid)},
            )
            on = self.rows[column] == right[f"{owner}__k"]
            if valid:
                day, end = self._day_of_row(), right[f"{owner}__v1"]
                on = on & (right[f"{owner}__v0"] <= day) & (end.isnull() | (day < end))
            kept = [*self.rows.columns, *(f"{owner}__{n}" for n in sorted(names))]
            self.rows = self.rows.left_join(right, on).select(*kept)

    def _nest(self, part: Part) -> None:
        """Join what `status_at` and `exists` need; every row still stands once."""
        for tree in part.trees:
            for node in walk(tree):
                if (node, part.params) in self._nested:
                    continue
                if isinstance(node, Call) and node.name == "status_at":
                    self._status(node, part)
                elif isinstance(node, Exists):
                    self._exists(node, part)

    def _named(self, node: Node, part: Part) -> str:
        name = f"nested__{len(self._nested)}"
        self._nested[node, part.params] = name
        return name

    def _status(self, node: Call, part: Part) -> None:
        taxpayer = reference(self.source, "tp")
        assert taxpayer is not None
        day = compile_node(node.arguments[0], self.row(part))
        rows = self.rows.mutate(status__day=day)
        events = self.engine.table("tp_status_event")
        spells = events.select(
            status__tp=events.tp_id,
            status__from=events.on,
            status__is=events.status,
            status__until=primitives.following(events.on, "tp_id", "on"),
        )
        on = (
            (rows[taxpayer] == spells.status__tp)
            & (spells.status__from <= rows.status__day)
            & (spells.status__until.isnull() | (rows.status__day < spells.status__until))
        )
        joined = rows.left_join(spells, on)
        kept = self.rows.columns
        name = self._named(node, part)
        self.rows = joined.select(*kept, **{name: joined.status__is.coalesce(NORMAL)})

    def _exists(self, node: Exists, part: Part) -> None:
        """Mark rows for which another table has a match: by the distinct values they bring to the condition."""
        outer = sorted({n.name for n in walk(node.where) if isinstance(n, Name) and n.owner == "this"})
        keys = self.rows.select(**{f"this__{c}": self.rows[c] for c in outer}).distinct()
        inner = self.engine.table(node.table)
        needed = sorted({n.name for n in walk(node.where) if isinstance(n, Name) and n.owner == ""})
        inner = inner.select(**{f"in__{c}": inner[c] for c in needed}).distinct()

        def column(owner: str, name: str) -> Expr:
            return keys[f"this__{name}"] if owner == "this" else inner[f"in__{name}"]

        row = Row(column, dict(part.params), self.one.first, self.one.end, self.one.last)
        on = [compile_node(c, row) for c in conjuncts(node.where)]
        matched = keys.inner_join(inner, on).select(*(f"this__{c}" for c in outer)).distinct()
        matched = matched.mutate(matched=ibis.literal(True))
        same = [self.rows[c] == matched[f"this__{c}"] for c in outer]
        joined = self.rows.left_join(matched, same)
        kept = self.rows.columns
        name = self._named(node, part)
        self.rows = joined.select(*kept, **{name: joined.matched.notnull()})


def conjuncts(node: Node) -> list[Node]:
    """Return what must all hold for a condition to hold."""
    if isinstance(node, Binary) and node.operator == "and":
        return conjuncts(node.left) + conjuncts(node.right)
    return [node]


def _day(day: date) -> Expr:
    return ibis.date(day.year, day.month, day.day)
