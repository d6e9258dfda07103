"""Drilling (下钻): from a numerator or denominator to the very records that make it up, masked unless permitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, later
from taxops.engines.warehouse import Column, Engine, primitives

from .definition import Agg, Definition, Measure, Subject
from .framing import Frame
from .language import Name, Node, compile_node, parse, reference
from .library import Library
from .model import SubjectKey
from .period import Mode, Period
from .rolling import Tree, read_tree
from .slices import part_of, slices_of
from .subjects import columns_of
from .valuing import Number

if TYPE_CHECKING:
    import ibis
else:
    ibis = later("ibis")

Expr = Any
COUNTED = "_value"
"""The column of drilled rows that holds what a sum adds up."""


@dataclass(frozen=True, slots=True)
class DrillColumn:
    """A column of drilled records (下钻列)."""

    name: str
    title: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Drill:
    """Records behind one side of one number (下钻结果).

    Args:
        columns: what each record shows: its key, what the definition names, and what a sum adds up.
        rows: one page of them, by key.
        total: how many there are; for counts exactly the numerator (or denominator).
        aggregate: the records aggregated once more; equals the numerator (or denominator).
        sql: what was run.
    """

    columns: tuple[DrillColumn, ...]
    rows: tuple[tuple[object, ...], ...]
    total: int
    aggregate: Number | None
    sql: str


def drill(
    library: Library,
    engine: Engine,
    code: str,
    period: Period,
    subject: SubjectKey,
    *,
    mode: Mode = Mode.CURRENT,
    side: str = "num",
    limit: int = 20,
    offset: int = 0,
    reveal: bool = False,
    tree: Tree | None = None,
) -> Drill:
    """Return the records behind a numerator (`num`) or denominator (`den`) of one unit or taxpayer.

    Args:
        reveal: show masked columns in full; the caller has checked the permission and logs it.
        tree: the organisation, when the caller has it already.

    Raises:
        BadInput: the indicator has no records of its own: it is derived, external, or expert SQL.
    """
    d = library.get(code)
    measure = {"num": d.num, "den": d.den}.get(side)
    if measure is None or d.sql:
        parts = "、".join(d.of.values())
        todo = f"它由 {parts} 得出，请下钻到这些指标。" if parts else "请看它的数据来源。"
        raise BadInput(f"指标 {code} 的{'分母' if side == 'den' else '分子'}没有可下钻的记录。", todo)
    columns, rows = _records(engine, d, measure, period, mode, subject, tree)
    keys = [c.name for c in columns if c.name in engine.lake.schema.table(measure.source).key]
    counts = {"total": primitives.rows(rows), "aggregate": _again(rows, measure)}
    summed = engine.rows(rows.aggregate(**counts))[0]
    page = rows.order_by(keys).limit(limit, offset=offset) if limit else None
    found = engine.rows(page) if page is not None else []
    shown = tuple(tuple(_shown(r[c.name], c.masked and not reveal) for c in columns) for r in found)
    aggregate = summed["aggregate"]
    if aggregate is not None and measure.per != 1:
        aggregate = aggregate / measure.per
    return Drill(
        tuple(columns), shown, summed["total"], aggregate, engine.sql(page if page is not None else rows)
    )


def mask(value: object) -> object:
    """Return a value as people without the permission see it: its ends, and how long it is.

    >>> mask("91220101MA0Y1234X7")
    '91**************X7'
    """
    if value is None:
        return None
    text = str(value)
    if len(text) <= 4:
        return text[:1] + "*" * (len(text) - 1)
    return text[:2] + "*" * (len(text) - 4) + text[-2:]


def _shown(value: object, is_masked: bool) -> object:
    return mask(value) if is_masked else value


def _again(rows: Expr, measure: Measure) -> Expr:
    if measure.agg is Agg.COUNT:
        return primitives.rows(rows)
    value = rows[COUNTED]
    if measure.agg is Agg.SUM:
        return primitives.total(value) if value.type().is_integer() else primitives.float_total(value)
    again = {
        Agg.NUNIQUE: primitives.distinct, Agg.MIN: primitives.smallest, Agg.MAX: primitives.largest,
        Agg.MEDIAN: primitives.median,
    }  # fmt: skip
    return again[measure.agg](value)


def _records(
    engine: Engine,
    d: Definition,
    measure: Measure,
    period: Period,
    mode: Mode,
    subject: SubjectKey,
    tree: Tree | None,
) -> tuple[list[DrillColumn], Expr]:
    part = part_of(d, measure)
    table = engine.lake.schema.table(measure.source)
    named = [parse(text) for text in d.drill] if measure.source == (d.num or measure).source else []
    shown: dict[str, tuple[Node, Column]] = {}
    for node in [*(Name("", k, 0) for k in table.key), *named]:
        if isinstance(node, Name):
            shown.setdefault(f"{node.owner}.{node.name}".lstrip("."), (node, _column(engine, measure, node)))
    columns = [DrillColumn(name, column.title, column.mask) for name, (_, column) in shown.items()]
    pieces = []
    for one in slices_of(part, period, mode):
        frame = Frame(engine, [part], one, [node for node, _ in shown.values()])
        condition, value = frame.condition(part), frame.value(part)
        picked = {name: compile_node(node, frame.row()) for name, (node, _) in shown.items()}
        if measure.of:
            picked[COUNTED] = value
        subjects = columns_of(d.subject, frame.source)
        about = {f"_s{i}": frame.rows[c] for i, c in enumerate(subjects)}
        kept = {"_counts": condition} if condition is not None else {}
        rows = frame.rows.select(**picked, **about, **kept)
        if condition is not None:
            rows = rows.filter(rows["_counts"])
        pieces.append(_of_subject(engine, d, rows, subject, tree).select(*picked))
    if measure.of:
        columns.append(DrillColumn(COUNTED, "计入值"))
    return columns, pieces[0] if len(pieces) == 1 else ibis.union(*pieces)


def _of_subject(engine: Engine, d: Definition, rows: Expr, subject: Sequence[int], tree: Tree | None) -> Expr:
    if d.subject is Subject.ORG:
        units = (tree or read_tree(engine)).below(subject[0])
        return rows.filter(rows["_s0"].isin(units))
    for i, one in enumerate(subject):
        rows = rows.filter(rows[f"_s{i}"] == one)
    return rows


def _column(engine: Engine, measure: Measure, node: Name) -> Column:
    table = engine.lake.schema.table(measure.source)
    if node.owner:
        through = reference(table, node.owner)
        assert through is not None
        table = engine.lake.schema.table(table.columns[through].refers)
    return table.column(node.name)
