"""Decisions of revisions (修订的判定): what a load touches, what changed, and because of which load. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.indicators import Library, Period, lineage
from taxops.engines.warehouse import WHOLE, LoadEntry, Schema
from taxops.systems.quality5c.definitions.rules import Figure

UNITS = "org"
"""The table of units: every figure is rolled up by it, whatever else it reads."""
Inputs = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Changed:
    """One stored figure that came out differently (变了的指标数据)."""

    code: str
    org: int
    old: Figure
    new: Figure


def changed(
    stored: Mapping[tuple[str, int], Figure], fresh: Mapping[tuple[str, int], Figure]
) -> list[Changed]:
    """Return the stored figures that came out with other numbers; a figure for the first time is no revision."""
    return [
        Changed(code, org, old, new)
        for (code, org), old in stored.items()
        if (new := fresh.get((code, org))) is not None
        and (old.num, old.den, old.value) != (new.num, new.den, new.value)
    ]


def touched(
    library: Library, schema: Schema, codes: Iterable[str], period: str, loads: Sequence[LoadEntry]
) -> list[str]:
    """Return which of some indicators the loads may have changed for a period.

    An indicator is touched when it, or one it stands on, reads a table of which a load changed a month that is not
    after the period: windows and offsets look back, nothing looks ahead by more than the days after a month's end,
    so the month after the period counts as well.
    """
    months = [str(m) for m in Period.parse(period).each_month()]
    last = str(Period.parse(months[-1]).back(-1))
    hit = {
        table
        for load in loads
        for table, dirty in load.dirty.items()
        if any(month == WHOLE or month <= last for month in dirty)
    }
    found = []
    for code in codes:
        if code in library.definitions:
            tables = {o.table for origins in lineage(library, schema, code).values() for o in origins}
            if (tables | {UNITS}) & hit:
                found.append(code)
    return found


def causes(inputs: Inputs, loads: Iterable[LoadEntry]) -> list[dict[str, Any]]:
    """Return the loads that changed something a figure was computed from, as they are kept with a revision.

    Args:
        inputs: table → month → version of what was read.
        loads: since the figure was computed before, oldest first.
    """
    found = []
    for load in loads:
        for table, dirty in load.dirty.items():
            read = {WHOLE} if table == UNITS else set(inputs.get(table, {}))
            months = sorted(set(dirty) & read)
            if months:
                found.append({
                    "load": load.number, "batch": load.batch, "by": load.by, "at": load.at, "table": table,
                    "months": months,
                })  # fmt: skip
    return found


def of_unit(
    records: Sequence[Mapping[str, Any]], months: Iterable[str], units: Iterable[int]
) -> list[Mapping[str, Any]]:
    """Return the records of a batch that lie in some months and belong to some units (numbers of the warehouse).

    Records of a table that knows no unit belong to everybody.
    """
    wanted, known = set(months), set(units)
    return [r for r in records if r.get("_month") in wanted and ("org_id" not in r or r["org_id"] in known)]
