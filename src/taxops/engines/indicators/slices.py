"""Slices (时间切片): which days each measure looks at, month by month where months add up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from taxops.engines.warehouse import WHOLE, Lake, Table

from .definition import Definition, Measure
from .language import Call, Exists, Name, Node, Param, parse, reference, walk
from .period import Mode, Period, add_months


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """A half-open run of days that is scanned in one go (时间切片).

    Args:
        start: first day of the rows.
        next: the day after the last.
        first: first day of the period it speaks for (`period.start`).
        end: the day after that period (`period.next`).
    """

    start: date
    next: date
    first: date
    end: date

    @property
    def last(self) -> date:
        """Return the last day of the period it speaks for."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A measure with the values of its parameters (带参数的分子或分母): what states are kept of."""

    measure: Measure
    params: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """Return the hash of what its value depends on, but for time and data."""
        data = {**asdict(self.measure), "window": 0, "per": 1, "params": self.params}
        return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def trees(self) -> tuple[Node, ...]:
        """Return the trees of its expressions."""
        m = self.measure
        return tuple(parsed(t) for t in (m.filter, m.where, m.of) if t)

    @property
    def mergeable(self) -> bool:
        """Tell whether its months add up: additive, by events, and silent about the period itself."""
        about_period = any(isinstance(n, Name) and n.owner == "period" for t in self.trees for n in walk(t))
        return self.measure.additive and bool(self.measure.time) and not about_period


@cache
def parsed(text: str) -> Node:
    """Return the tree of an expression that was checked before; each text is parsed once."""
    return parse(text)


def part_of(definition: Definition, measure: Measure) -> Part:
    """Return a measure together with the parameters its expressions name."""
    named = {n.name for t in Part(measure).trees for n in walk(t) if isinstance(n, Param)}
    return Part(measure, tuple(sorted((k, v.value) for k, v in definition.params.items() if k in named)))


def slices_of(part: Part, period: Period, mode: Mode) -> list[Slice]:
    """Return the slices whose values make up a measure's value for a period."""
    m = part.measure
    whole = period.to_date() if mode is Mode.YTD else period
    if m.window:
        whole = period.window(m.window)
    if not m.time:
        return [Slice(whole.first, whole.next, whole.first, whole.next)]
    if m.at:
        months = whole.each_month()
        pieces = [months[0] if m.at == "first" else months[-1]]
    else:
        pieces = whole.each_month() if part.mergeable else [whole]
    shift = timedelta(days=m.shift_days)
    return [Slice(x.first + shift, x.next + shift, x.first, x.next) for x in pieces]


def months_of(table: Table, measure: Measure, one: Slice) -> list[str] | None:
    """Return the months of a table's partitions that a slice needs; None for all of them."""
    if not table.partition or measure.time != table.partition:
        return None
    months, at = [], one.start.replace(day=1)
    while at < one.next:
        months.append(f"{at:%Y-%m}")
        at = add_months(at, 1)
    return months


def tables_of(lake: Lake, part: Part) -> list[str]:
    """Return every table that a measure reads beside its source."""
    found: list[str] = []
    table = lake.schema.table(part.measure.source)
    for tree in part.trees:
        for node in walk(tree):
            if isinstance(node, Exists):
                found.append(node.table)
            elif isinstance(node, Call) and node.name == "status_at":
                found.append("tp_status_event")
            elif isinstance(node, Name) and node.owner not in {"", "this", "period"}:
                column = reference(table, node.owner)
                if column is not None:
                    found.append(table.columns[column].refers)
    return sorted(set(found))


def inputs_of(lake: Lake, part: Part, one: Slice) -> dict[str, dict[str, int]]:
    """Return table → month → version of all that a slice of a measure reads."""
    table = lake.schema.table(part.measure.source)
    months = months_of(table, part.measure, one)
    if months is not None and lake.months(table.name) == [WHOLE]:
        months = None
    found = {table.name: lake.versions(table.name, months)}
    for other in tables_of(lake, part):
        found.setdefault(other, lake.versions(other))
    return found


def fingerprint(*parts: object) -> str:
    """Return the hash of what something was computed from; equal fingerprint, equal result."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
