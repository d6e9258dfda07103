"""Passes (扫描): measures that share table, time and slice are computed in one scan, all units at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import later
from taxops.engines.warehouse import Engine, primitives

from .definition import Agg, Subject
from .framing import Frame
from .language import compile_node
from .slices import Part, Slice, fingerprint, inputs_of, parsed
from .states import VALUE, States
from .subjects import columns_of

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
else:
    ibis = later("ibis")
    pa = later("pyarrow")

Expr = Any


@dataclass(frozen=True, slots=True)
class Need:
    """One slice of one measure for one sort of subject (所需中间结果).

    Args:
        part: the measure.
        one: the slice.
        subject: whose numbers.
        dims: further columns to break down by.
        climbs: grouped by every unit above as well: what does not add up is counted anew at each level.
    """

    part: Part
    one: Slice
    subject: Subject
    dims: tuple[str, ...] = ()

    @property
    def climbs(self) -> bool:
        """Tell whether it is computed at every level of the organisation instead of rolled up."""
        return self.subject is Subject.ORG and not self.part.measure.additive

    @property
    def scan(self) -> tuple[object, ...]:
        """Return what needs must share to be one pass."""
        m = self.part.measure
        return (
            m.source,
            m.time,
            self.one.start,
            self.one.next,
            self.one.first,
            self.subject,
            self.dims,
            self.climbs,
        )

    def fingerprint(self, engine: Engine) -> str:
        """Return the hash of measure, slice and the versions of all it reads."""
        inputs = inputs_of(engine.lake, self.part, self.one)
        org = engine.lake.versions("org") if self.climbs else {}
        return fingerprint(self.part.key, self.one, self.subject.value, self.dims, inputs, org)


@dataclass(slots=True)
class Work:
    """What it took to provide needs (计算量): passes over tables, slices computed, slices found kept."""

    passes: int = 0
    computed: int = 0
    kept: int = 0


def provide(
    engine: Engine, needs: Iterable[Need], states: States, work: Work, *, fused: bool = True
) -> dict[Need, pa.Table]:
    """Return the state of every need, from what is kept or by as few passes as there are scans.

    Args:
        engine: runs the passes.
        needs: what is wanted.
        states: where computed states are kept.
        work: counts what was done.
        fused: False computes each need in a pass of its own, for comparison.
    """
    found: dict[Need, pa.Table] = {}
    scans: dict[tuple[object, ...], list[tuple[Need, str]]] = {}
    for need in dict.fromkeys(needs):
        mark = need.fingerprint(engine)
        kept = states.get(mark)
        if kept is not None:
            found[need] = kept
            work.kept += 1
        else:
            key = need.scan if fused else (*need.scan, mark)
            scans.setdefault(key, []).append((need, mark))
    for group in scans.values():
        answers = scan(engine, [need for need, _ in group])
        work.passes += 1
        for (need, mark), state in zip(group, answers, strict=True):
            states.put(mark, state)
            found[need] = state
            work.computed += 1
    return found


def scan(engine: Engine, needs: Sequence[Need]) -> list[pa.Table]:
    """Return the states of needs that share a scan, in order."""
    keys, expr = scan_expression(engine, needs)
    answer = engine.run(expr)
    return [_state(answer, keys, f"m{n}") for n in range(len(needs))]


def scan_expression(engine: Engine, needs: Sequence[Need]) -> tuple[list[str], Expr]:
    """Return the key columns and the one query of needs that share a scan."""
    first = needs[0]
    frame = Frame(engine, [n.part for n in needs], first.one, [parsed(d) for d in first.dims])
    carried = columns_of(first.subject, frame.source)
    keys = {f"s{i}": frame.rows[c].cast("int64") for i, c in enumerate(carried)}
    keys |= {f"d{i}": compile_node(parsed(d), frame.row()) for i, d in enumerate(first.dims)}
    names: dict[Any, str] = {}  # what several measures ask for alike is worked out once a row

    def named(asked: Expr | None) -> str:
        return "" if asked is None else names.setdefault(asked.op(), f"x{len(names)}")

    conditions = [named(frame.condition(n.part)) for n in needs]
    values = [named(frame.value(n.part)) if n.part.measure.of else "" for n in needs]
    rows = frame.rows.select(**keys, **{name: op.to_expr() for op, name in names.items()})
    if all(conditions):  # rows that count for nobody are not grouped
        wanted = [rows[name] for name in dict.fromkeys(conditions)]
        rows = rows.filter(ibis.or_(*wanted) if len(wanted) > 1 else wanted[0])
    if first.climbs:
        rows = _climb(engine, rows)
    return list(keys), rows.group_by(list(keys)).aggregate(
        **{
            f"m{i}": _aggregate(rows, n, c, v)
            for i, (n, c, v) in enumerate(zip(needs, conditions, values, strict=True))
        }
    )


def _aggregate(rows: Expr, need: Need, condition: str, of: str) -> Expr:
    m = need.part.measure
    where = rows[condition] if condition else None
    if m.agg is Agg.COUNT:
        return primitives.rows(rows, where)
    value = rows[of]
    match m.agg:
        case Agg.SUM:
            whole = value.type().is_integer()
            return primitives.total(value, where) if whole else primitives.float_total(value, where)
        case Agg.MIN:
            return primitives.smallest(value, where)
        case Agg.MAX:
            return primitives.largest(value, where)
        case Agg.NUNIQUE:
            return primitives.distinct(value, where)
        case _:
            return primitives.median(value, where)


def _climb(engine: Engine, rows: Expr) -> Expr:
    """Repeat each row for every unit above its own, so that one grouping counts all levels."""
    org = engine.table("org").select("org_id", "parent_id")
    level = org.select(leaf=org.org_id, above=org.org_id)
    levels = [level]
    for _ in range(MAX_LEVELS - 1):
        joined = level.inner_join(org, level.above == org.org_id)
        level = joined.filter(joined.parent_id.notnull()).select(leaf=joined.leaf, above=joined.parent_id)
        levels.append(level)
    closure = ibis.union(*levels)
    joined = rows.inner_join(closure, rows.s0 == closure.leaf)
    kept = {c: joined[c] for c in rows.columns if c != "s0"}
    return joined.select(s0=joined.above, **kept)


MAX_LEVELS = 6
"""总局, 省, 市, 县, 分局, 厅."""


def _state(answer: pa.Table, keys: list[str], column: str) -> pa.Table:
    return answer.select([*keys, column]).rename_columns([*keys, VALUE])
