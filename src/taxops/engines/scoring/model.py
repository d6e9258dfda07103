"""The evaluation model (评价模型) as checked data: aspects, items, normalisers, missing rule, caps, grades."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from taxops.engines.base import BadInput, Choices

from .adjusting import Adjustment, Veto, parse_adjustments, parse_vetoes


class Norm(Choices):
    """How a raw value becomes 0 to 100 (归一方法)."""

    GOALPOSTS = "goalposts", "门柱法"
    TARGET = "target", "目标法"
    BANDS = "bands", "分段计分"
    RANGE = "range", "适度区间"


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` (included) on, `points`."""

    low: float
    points: float


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator in the tree (指标项).

    Args:
        code: indicator code.
        aspect: code of the aspect it belongs to.
        weight: within the aspect, in percent.
        norm: normaliser.
        params: goalposts `(worst, best)`, target `(T,)`, range `(a, b, delta)`.
        bands: for `bands`, by growing `low`.
    """

    code: str
    aspect: str
    weight: float
    norm: Norm
    params: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """What happens when values are missing (缺失处理): aspects with less weight available are not assessed."""

    min_weight: float = 0.7


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the lowest score that earns it (等级)."""

    code: str
    low: float


@dataclass(frozen=True, slots=True)
class Model:
    """A version of an evaluation model (评价模型).

    Args:
        name: shown on reports.
        aspects: aspect code → weight in percent; they add up to 100.
        items: leaves, in order.
        missing: the missing rule.
        grades: best first.
        weakest_cap: levels above the worst aspect's grade that the total may reach; None: no cap.
        vetoes: conditions that cap the grade.
        adjustments: conditions that add points to the total or take them off.
    """

    name: str
    aspects: Mapping[str, float]
    items: tuple[Item, ...]
    missing: Missing = field(default_factory=Missing)
    grades: tuple[Grade, ...] = (
        Grade("A", 90),
        Grade("B", 80),
        Grade("C", 70),
        Grade("D", 60),
        Grade("E", 0),
    )
    weakest_cap: int | None = 1
    vetoes: tuple[Veto, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def watched(self) -> tuple[str, ...]:
        """Return the codes that vetoes, bonuses and penalties look at, each once."""
        return tuple(
            dict.fromkeys([*(v.when.code for v in self.vetoes), *(a.when.code for a in self.adjustments)])
        )

    def of(self, aspect: str) -> list[int]:
        """Return the positions of an aspect's items."""
        return [n for n, item in enumerate(self.items) if item.aspect == aspect]


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"{where}应是数。")
    return float(value)


def _item(code: str, aspect: str, data: Mapping[str, Any]) -> Item:
    norm = data.get("norm")
    if not isinstance(norm, Mapping) or len(norm) != 1:
        raise BadInput(
            f"指标 {code} 应有且只有一种归一方法。", f"可用的有：{'、'.join(n.value for n in Norm)}。"
        )
    ((kind, value),) = norm.items()
    if kind not in {n.value for n in Norm}:
        raise BadInput(
            f"指标 {code} 的归一方法「{kind}」不存在。", f"可用的有：{'、'.join(n.value for n in Norm)}。"
        )
    weight = _number(data.get("w"), f"指标 {code} 的权重")
    if weight <= 0:
        raise BadInput(f"指标 {code} 的权重应大于 0。")
    if kind == Norm.BANDS:
        bands = tuple(
            Band(_number(low, f"指标 {code} 的分段"), _number(p, f"指标 {code} 的分段")) for low, p in value
        )
        if not bands or any(b.low <= a.low for a, b in pairwise(bands)):
            raise BadInput(f"指标 {code} 的分段应由小到大。")
        if any(not 0 <= b.points <= 100 for b in bands):
            raise BadInput(f"指标 {code} 的分段得分应在 0 到 100 之间。")
        return Item(code, aspect, weight, Norm.BANDS, bands=bands)
    listed = value if isinstance(value, Sequence) else [value]
    params = tuple(_number(v, f"指标 {code} 的{Norm(kind).label}参数") for v in listed)
    expected = {Norm.GOALPOSTS: 2, Norm.TARGET: 1, Norm.RANGE: 3}[Norm(kind)]
    if len(params) != expected:
        raise BadInput(f"指标 {code} 的{Norm(kind).label}应有 {expected} 个参数。")
    if kind == Norm.GOALPOSTS and params[0] == params[1]:
        raise BadInput(f"指标 {code} 的门柱不能相等。")
    if kind == Norm.TARGET and params[0] <= 0:
        raise BadInput(f"指标 {code} 的目标应大于 0。")
    if kind == Norm.RANGE and (params[0] > params[1] or params[2] <= 0):
        raise BadInput(f"指标 {code} 的适度区间应由小到大，缓冲应大于 0。")
    return Item(code, aspect, weight, Norm(kind), params)


def _adds_up(weights: Sequence[float], where: str) -> None:
    if abs(sum(weights) - 100) > 1e-6:
        raise BadInput(f"{where}的权重合计为 {sum(weights):g}，应为 100。")


def parse_model(data: Mapping[str, Any]) -> Model:
    """Return the model of its data form (spec §6.3): tree, missing, caps, grades.

    Raises:
        BadInput: weights that do not add up to 100 at a level, a code twice, a normaliser that cannot be.
    """
    name = str(data.get("model") or "")
    tree = data.get("tree")
    if not name or not isinstance(tree, Mapping) or not tree:
        raise BadInput("评价模型应有名称和指标树。")
    aspects: dict[str, float] = {}
    items: list[Item] = []
    for aspect, part in tree.items():
        aspects[aspect] = _number(part.get("w"), f"方面「{aspect}」的权重")
        found = [_item(code, aspect, item) for code, item in (part.get("items") or {}).items()]
        if not found:
            raise BadInput(f"方面「{aspect}」没有指标。")
        _adds_up([i.weight for i in found], f"方面「{aspect}」内指标")
        items += found
    _adds_up(list(aspects.values()), "各方面")
    doubled = {i.code for i in items if [x.code for x in items].count(i.code) > 1}
    if doubled:
        raise BadInput(f"指标 {'、'.join(sorted(doubled))} 在树中出现两次。")
    model = Model(name, aspects, tuple(items))
    low = _number((data.get("missing") or {}).get("min_weight", 0.7), "最低可用权重")
    if not 0 < low <= 1:
        raise BadInput("最低可用权重应在 0 到 1 之间。")
    grades = model.grades
    if "grades" in data:
        grades = tuple(Grade(str(c), _number(v, f"等级 {c} 的分数线")) for c, v in data["grades"].items())
        if any(a.low <= b.low for a, b in pairwise(grades)) or grades[-1].low > 0:
            raise BadInput("等级分数线应由高到低，最低一级应不高于 0。")
    cap: int | None = None
    caps = data.get("caps", [{"weakest_aspect": 1}])
    for item in caps:
        if "weakest_aspect" in item:
            cap = int(item["weakest_aspect"])
    return Model(
        name, aspects, tuple(items), Missing(low), grades, cap, parse_vetoes(caps, [g.code for g in grades]),
        parse_adjustments(data.get("adjust") or ()),
    )  # fmt: skip
