"""Decisions of recounts (核算的判定): what a try shows beside the version it is compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from taxops.engines.indicators import Drill, Explanation, Result


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of a try (试跑的一个单位): its figure, and the one it is compared with."""

    org: int
    num: float | None
    den: float | None
    value: float | None
    state: str
    reasons: tuple[str, ...] = ()
    old_num: float | None = None
    old_den: float | None = None
    old_value: float | None = None

    @property
    def moved(self) -> float | None:
        """Return by how much the value moved; None when one of the two has none."""
        return None if self.value is None or self.old_value is None else self.value - self.old_value

    @property
    def differs(self) -> bool:
        """Test whether anything is different."""
        return (self.num, self.den, self.value) != (self.old_num, self.old_den, self.old_value)


def plain(value: object) -> Any:
    """Return a cell of a record as JSON keeps it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | float | str | bool) else str(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def lines_data(
    now: Mapping[tuple[int, ...], Result], old: Mapping[tuple[int, ...], Result], units: Mapping[int, int]
) -> list[list[Any]]:
    """Return the lines of a try as JSON keeps them, for the units that are known (warehouse number → id)."""
    found = []
    for subject, r in now.items():
        org = units.get(subject[0])
        if org is None:
            continue
        was = old.get(subject)
        found.append([
            org, _number(r.num), _number(r.den), _number(r.value), r.state.value, list(r.reasons),
            *((_number(was.num), _number(was.den), _number(was.value)) if was else (None, None, None)),
        ])  # fmt: skip
    return found


def lines_of(data: Sequence[Sequence[Any]]) -> list[Line]:
    """Return the lines that were kept."""
    return [Line(o, n, d, v, s, tuple(why), *old) for o, n, d, v, s, why, *old in data]


def drill_data(found: Drill | None) -> dict[str, Any] | None:
    """Return drilled records as JSON keeps them, masked as they came."""
    if found is None:
        return None
    return {
        "columns": [c.title for c in found.columns],
        "rows": [[plain(v) for v in row] for row in found.rows],
        "total": found.total,
        "aggregate": _number(found.aggregate),
        "sql": found.sql,
    }


def partition_words(inputs: Mapping[str, Mapping[str, int]]) -> list[tuple[str, list[str]]]:
    """Return partitions in words: table and its months, each with how often it was loaded."""
    return [
        (
            table,
            [
                f"{'全表' if month == 'all' else month}（第 {version} 次装载）"
                for month, version in sorted(months.items())
            ],
        )
        for table, months in sorted(inputs.items())
    ]


def explanation_data(
    e: Explanation, stored: tuple[float | None, float | None, float | None], *, with_records: bool
) -> dict[str, Any]:
    """Return an explanation as JSON keeps it, compared with the stored figure (numerator, denominator, value)."""
    again = (_number(e.again.num), _number(e.again.den), _number(e.again.value))
    return {
        "num": again[0], "den": again[1], "value": again[2], "state": e.again.state.value,
        "reasons": list(e.again.reasons), "same": e.same, "agrees": agree(stored, again),
        "fingerprint": e.again.fingerprint,
        "params": [[n, plain(p.value), p.source] for n, p in e.params.items()],
        "components": [[c.code, _number(c.num), _number(c.den), _number(c.value)] for c in e.components],
        "sql": list(e.sql),
        "partitions": partition_words(e.partitions),
        "columns": sorted({f"{o.table}.{o.column}" for origins in e.columns.values() for o in origins}),
        "num_records": drill_data(e.num) if with_records else None,
        "den_records": drill_data(e.den) if with_records else None,
        "n_num": e.num.total if e.num else None,
        "n_den": e.den.total if e.den else None,
        "change": [e.change.before, e.change.rate, e.change.mix] if e.change else None,
    }  # fmt: skip


def agree(one: Sequence[float | None], other: Sequence[float | None], *, tolerance: float = 1e-9) -> bool:
    """Test whether two figures are the same number: as good as equal, or both without one."""
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and abs(a - b) <= tolerance * max(1.0, abs(a)))
        for a, b in zip(one, other, strict=True)
    )
