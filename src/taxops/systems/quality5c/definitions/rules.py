"""Decisions about figures (指标数据的判定): roll-up, state, shrinking, differences of two versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from taxops.engines.indicators import State

FigureState = State
"""How far a figure can be trusted (可信程度), as the engine says it."""

FIGURE_TONES = {
    "trusted": "good",
    "doubtful": "warning",
    "small": "warning",
    "missing": "unknown",
    "na": "plain",
}
"""State → tone of the pages."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Numerator, denominator and value of one indicator, unit and period (指标数据)."""

    num: float | None
    den: float | None
    value: float | None
    state: str = FigureState.TRUSTED.value


def figure_of(
    num: float | None, den: float | None, *, has_den: bool = True, scale: float = 1.0, min_den: float = 0
) -> Figure:
    """Return the figure of a numerator and a denominator: a division by zero is missing, never an error."""
    if num is None or (has_den and den is None):
        return Figure(num, den, None, FigureState.MISSING.value)
    if not has_den:
        return Figure(num, None, num * scale)
    if not den:
        return Figure(num, den, None, FigureState.NOT_APPLICABLE.value)
    state = FigureState.SMALL if abs(den or 0) < min_den else FigureState.TRUSTED
    return Figure(num, den, num / den * scale, state.value)


def roll_up(
    figures: Mapping[str, tuple[float | None, float | None]], parents: Mapping[str, str | None]
) -> dict[str, tuple[float, float]]:
    """Return numerators and denominators of every unit with all below it: sums, never averages of ratios.

    Args:
        figures: unit → its own (numerator, denominator).
        parents: unit → the unit above, None at the top.
    """
    total: dict[str, list[float]] = {}
    for unit, (num, den) in figures.items():
        at: str | None = unit
        seen: set[str] = set()
        while at is not None and at not in seen:
            seen.add(at)
            sums = total.setdefault(at, [0.0, 0.0])
            sums[0] += num or 0.0
            sums[1] += den or 0.0
            at = parents.get(at)
    return {unit: (sums[0], sums[1]) for unit, sums in total.items()}


def shrunk(num: float, den: float, peers: float, strength: float) -> float:
    """Return a small sample's ratio drawn to its peers' mean: (N + k·p̄) / (D + k).

    >>> shrunk(1, 2, 0.9, 8)
    0.82
    """
    return (num + strength * peers) / (den + strength)


def missed(value: float | None, target: float | None, direction: str) -> bool:
    """Test whether a value fails a target or a red line; unknown values and ranges fail nothing."""
    if value is None or target is None or direction == "range":
        return False
    return value < target if direction == "up" else value > target


RANGE = "适度"
"""Verdict of an indicator of which neither more nor less is better."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a unit is from what 总局 sent (差距); positive is better."""

    to_average: float | None
    to_best: float | None
    to_target: float | None
    verdict: str

    @property
    def met(self) -> bool | None:
        """Test whether the target is met (达标); None without a target, a value or a better side."""
        return None if self.to_target is None or self.verdict == RANGE else self.to_target >= 0


def gap_of(
    value: float | None, direction: str, *, average: float | None, best: float | None, target: float | None
) -> Gap:
    """Return the gaps, signed so that more is better, and whether it is 优势, 劣势 or 持平."""
    sign = -1.0 if direction == "down" else 1.0

    def away(other: float | None) -> float | None:
        return None if value is None or other is None else round(sign * (value - other), 6)

    average_gap = away(average)
    if direction == "range":
        verdict = RANGE
    elif average_gap is None:
        verdict = "无对照"
    elif abs(average_gap) < 1e-9:
        verdict = "持平"
    else:
        verdict = "优势" if average_gap > 0 else "劣势"
    return Gap(average_gap, away(best), away(target), verdict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs between two definitions (差异)."""

    key: str
    before: str
    after: str


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[Difference]:
    """Return the keys in which two data forms differ, nested keys with dots, in order."""
    left, right = dict(_flat(before)), dict(_flat(after))
    keys = [*left, *(k for k in right if k not in left)]
    return [
        Difference(key, left.get(key, ""), right.get(key, ""))
        for key in keys
        if left.get(key, "") != right.get(key, "")
    ]


def _flat(data: Mapping[str, object], above: str = "") -> Iterable[tuple[str, str]]:
    for key, value in data.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield name, "；".join(str(v) for v in value)
        else:
            yield name, str(value)
