"""Veto, bonus and penalty (否决、加分、扣分): conditions on raw values, beside the weighted tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput, Choices


class Comparison(Choices):
    """How a raw value is compared with a limit (比较)."""

    ABOVE = ">", "大于"
    AT_LEAST = ">=", "不小于"
    BELOW = "<", "小于"
    AT_MOST = "<=", "不大于"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one indicator's raw value (条件); it never holds of a value that is missing."""

    code: str
    op: Comparison
    limit: float

    def holds(self, value: float | None) -> bool:
        """Test the condition."""
        if value is None:
            return False
        match self.op:
            case Comparison.ABOVE:
                return value > self.limit
            case Comparison.AT_LEAST:
                return value >= self.limit
            case Comparison.BELOW:
                return value < self.limit
            case _:
                return value <= self.limit

    @property
    def words(self) -> str:
        """Return the condition in words, such as `C504 大于 0`."""
        return f"{self.code} {self.op.label} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Veto:
    """A condition that caps the grade (否决指标): the unit gets `grade` at best."""

    when: Condition
    grade: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A condition that adds points to the total (加分), or takes them off (扣分) when `points` is negative."""

    when: Condition
    points: float


def parse_condition(data: Mapping[str, Any], what: str) -> Condition:
    """Return the condition of its data form `{code, op, limit}`.

    Raises:
        BadInput: no code, an unknown comparison, a limit that is no number.
    """
    code, op, limit = str(data.get("code") or ""), str(data.get("op") or ""), data.get("limit")
    if not code:
        raise BadInput(f"{what}没有写明指标。")
    if op not in {c.value for c in Comparison}:
        raise BadInput(
            f"{what} {code} 的比较「{op}」不认识。", f"可用的有：{'、'.join(c.value for c in Comparison)}。"
        )
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise BadInput(f"{what} {code} 的界限应是数。")
    return Condition(code, Comparison(op), float(limit))


def parse_vetoes(caps: Sequence[Mapping[str, Any]], grades: Sequence[str]) -> tuple[Veto, ...]:
    """Return the vetoes among a model's caps.

    Raises:
        BadInput: a condition that cannot be, or a grade that the model does not have.
    """
    found = []
    for one in caps:
        data = one.get("veto")
        if data is None:
            continue
        when, grade = parse_condition(data, "否决指标"), str(data.get("max") or "")
        if grade not in grades:
            raise BadInput(f"否决指标 {when.code} 给出的等级「{grade}」不在模型的等级中。")
        found.append(Veto(when, grade))
    return tuple(found)


def parse_adjustments(listed: Sequence[Mapping[str, Any]]) -> tuple[Adjustment, ...]:
    """Return bonuses and penalties.

    Raises:
        BadInput: a condition that cannot be, or points that are none or more than a hundred.
    """
    found = []
    for data in listed:
        when, points = parse_condition(data, "加减分"), data.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < abs(points) <= 100:
            raise BadInput(f"加减分 {when.code} 的分值应在 −100 到 100 之间，且不为 0。")
        found.append(Adjustment(when, float(points)))
    return tuple(found)


def applied(adjustments: Sequence[Adjustment], values: Mapping[str, float | None]) -> list[Adjustment]:
    """Return the bonuses and penalties that a unit's raw values earn."""
    return [a for a in adjustments if a.when.holds(values.get(a.when.code))]


def vetoed(vetoes: Sequence[Veto], values: Mapping[str, float | None], grades: Sequence[str]) -> Veto | None:
    """Return the hardest veto that a unit's raw values meet; None when none does."""
    met = [v for v in vetoes if v.when.holds(values.get(v.when.code))]
    return max(met, key=lambda v: grades.index(v.grade), default=None)
