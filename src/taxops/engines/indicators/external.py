"""External figures (外部数据): values that others measured, by unit and month; the newest version counts."""

from __future__ import annotations

from taxops.engines.warehouse import Engine

from .definition import Definition, Unit
from .period import Period
from .rolling import Tree
from .valuing import Number, Value

SUMMED = frozenset({Unit.FEN, Unit.COUNT})
"""Units whose months add up; of others the last month of a longer period counts."""


def external_values(engine: Engine, d: Definition, whole: Period, tree: Tree) -> dict[int, Value]:
    """Return unit → value: as given; else from the units below where numerators and denominators, or sums, are."""
    table = engine.table("ext_value", [str(m) for m in whole.each_month()])
    dataset, item = d.dataset
    picked = table.filter((table.dataset == dataset) & (table.item == item))
    picked = picked.filter((picked.month >= whole.first) & (picked.month < whole.next))
    newest: dict[tuple[int, object], dict[str, object]] = {}
    for row in engine.rows(picked.select("org_id", "month", "version", "value", "num", "den")):
        key = (row["org_id"], row["month"])
        if key not in newest or newest[key]["version"] < row["version"]:
            newest[key] = row
    months: dict[int, list[dict[str, object]]] = {}
    for (unit, _), row in sorted(newest.items(), key=lambda x: (x[0][0], str(x[0][1]))):
        months.setdefault(unit, []).append(row)
    given = {unit: _of_months(d, rows) for unit, rows in months.items()}
    return given | _from_below(d, given, tree)


def _of_months(d: Definition, rows: list[dict[str, object]]) -> Value:
    if all(r["num"] is not None and r["den"] is not None for r in rows):
        num, den = (sum(_number(r[k]) for r in rows) for k in ("num", "den"))
        return Value(num, den, num / den * d.scale if den else None)
    values = [_number(r["value"]) for r in rows]
    total = sum(values) if d.unit in SUMMED else values[-1]
    return Value(total if d.unit in SUMMED else None, None, total)


def _from_below(d: Definition, given: dict[int, Value], tree: Tree) -> dict[int, Value]:
    """Return values for units that were given none, from those below; what was given is never counted twice."""
    found: dict[int, Value] = {}
    for unit in reversed(list(tree.orgs)):
        if unit in given:
            continue
        parts = [given.get(c) or found.get(c) for c in tree.children.get(unit, ())]
        present = [p for p in parts if p is not None and p.num is not None]
        if not present:
            continue
        num = sum(p.num for p in present if p.num is not None)
        if all(p.den is not None for p in present):
            den = sum(p.den for p in present if p.den is not None)
            found[unit] = Value(num, den, num / den * d.scale if den else None)
        elif d.unit in SUMMED:
            found[unit] = Value(num, None, num)
    return found


def _number(value: object) -> Number:
    assert isinstance(value, int | float)
    return value
