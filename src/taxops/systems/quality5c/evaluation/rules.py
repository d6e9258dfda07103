"""Decisions of evaluation (评价计算): from figures to scores, tiers and what a change does. Pure, deterministic."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, later
from taxops.engines.indicators import State as FigureState
from taxops.engines.scoring import Model, applied, evaluate, percentiles, robustness, tiers, vetoed
from taxops.systems.quality5c.definitions.rules import Figure

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")

SEED = 20_25
"""Seed of the robustness runs: the same figures give the same intervals."""
QUANTILE_MIN = 5
"""Fewer peers than this are not summarised: a quantile of four units gives them away."""


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator's part in a unit's score (得分明细)."""

    code: str
    aspect: str
    figure: Figure
    points: float | None
    weight: float
    contribution: float | None
    loss: float | None
    percentile: float | None
    peer_median: float | None
    peer_best: float | None


@dataclass(frozen=True, slots=True)
class UnitScore:
    """What a unit reached (单位得分)."""

    unit: int
    total: float | None
    grade: str
    uncapped: str
    capped_by: str
    rank: int
    rank_low: int
    rank_high: int
    borderline: bool
    kept: float | None
    peer_class: str
    tier: str
    aspects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parts: Sequence[Part] = ()
    adjustments: Sequence[Mapping[str, Any]] = ()


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def values_of(
    model: Model, units: Sequence[int], figures: Mapping[tuple[int, str], Figure]
) -> npt.NDArray[np.float64]:
    """Return units × items raw values; missing and not applicable ones are NaN."""
    found = np.full((len(units), len(model.items)), np.nan)
    for row, unit in enumerate(units):
        for column, item in enumerate(model.items):
            value = counted(figures.get((unit, item.code)))
            if value is not None:
                found[row, column] = value
    return found


_COUNTED = {FigureState.TRUSTED.value, FigureState.SMALL.value, FigureState.DOUBTFUL.value}


def counted(figure: Figure | None) -> float | None:
    """Return the value of a figure that counts; None for a missing or not applicable one."""
    return figure.value if figure is not None and figure.state in _COUNTED else None


def score_units(
    model: Model,
    units: Sequence[int],
    classes: Sequence[str],
    figures: Mapping[tuple[int, str], Figure],
    *,
    runs: int = 1000,
) -> list[UnitScore]:
    """Return scores, grades, ranks, classes and levels of units, with every indicator's part.

    Args:
        model: the version that counts.
        units: organisation ids, in a fixed order.
        classes: each unit's peer class.
        figures: (unit, code) → figure; absent ones are missing.
        runs: Monte-Carlo runs of the robustness check.

    Raises:
        BadInput: there is no unit to evaluate.
    """
    if not units:
        raise BadInput("没有参评单位，无法评价。", "请检查方案模板的评价层级和不参评单位。")
    values = values_of(model, units, figures)
    watched = [{c: counted(figures.get((unit, c))) for c in model.watched} for unit in units]
    earned = [applied(model.adjustments, known) for known in watched]
    stopped = [vetoed(model.vetoes, known, [g.code for g in model.grades]) for known in watched]
    done = evaluate(
        model, values, bonus=np.array([sum(a.points for a in one) for one in earned], dtype=np.float64),
        vetoes=[v.grade if v else None for v in stopped],
    )  # fmt: skip
    robust = robustness(model, values, seed=SEED, runs=runs)
    p, aspect_tiers, total_tiers = tiers(model, done.points, classes)
    aspect_p = _aspect_percentiles(model, p)
    weights = np.array([item.weight for item in model.items])
    peers = _peers(values, classes)
    scores = []
    for row, unit in enumerate(units):
        effective = _effective(model, done.points[row], weights)
        parts = []
        for column, item in enumerate(model.items):
            points, weight = done.points[row, column], effective[column]
            known = not np.isnan(points)
            graded = known and not np.isnan(done.totals[row])
            parts.append(Part(
                item.code, item.aspect, figures.get((unit, item.code), Figure(None, None, None, "missing")),
                _or_none(points), round(float(weight), 6),
                _or_none(done.contributions[row, column]) if graded else None,
                round(float(weight * (100 - points) / 100), 6) if known else None,
                _or_none(p[row, column]), _or_none(peers[row, column, 0]), _or_none(peers[row, column, 1]),
            ))  # fmt: skip
        aspects = {
            name: {
                "score": _or_none(done.aspects[row, n]),
                "tier": tier.value if (tier := aspect_tiers[row][n]) else "",
                "p": _or_none(aspect_p[row, n]),
            }
            for n, name in enumerate(model.aspects)
        }
        tier = total_tiers[row]
        veto, capped = stopped[row], done.capped_by[row]
        scores.append(UnitScore(
            unit, _or_none(done.totals[row]), done.grades[row], done.uncapped[row],
            f"veto:{veto.when.code}" if capped == "veto" and veto else capped,
            int(done.ranks[row]), int(robust.low[row]), int(robust.high[row]), bool(robust.borderline[row]),
            _or_none(robust.kept[row]), classes[row], tier.value if tier else "", aspects, parts,
            [{"code": a.when.code, "points": a.points, "words": a.when.words} for a in earned[row]],
        ))  # fmt: skip
    return scores


def _effective(
    model: Model, points: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return each item's weight in the total in percent, after the missing ones' weight went to the others."""
    found = np.zeros(len(weights))
    share = sum(model.aspects.values())
    for aspect, aspect_weight in model.aspects.items():
        where = np.array(model.of(aspect))
        good = where[~np.isnan(points[where])]
        if len(good):
            found[good] = 100 * weights[good] / weights[good].sum() * aspect_weight / share
    return found


def _aspect_percentiles(model: Model, p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    columns = []
    weights = np.array([item.weight for item in model.items])
    for aspect in model.aspects:
        where = model.of(aspect)
        part, w = p[:, where], weights[where]
        good = ~np.isnan(part)
        with np.errstate(invalid="ignore", divide="ignore"):
            columns.append(np.where(good, part, 0) @ w / (good @ w))
    return np.column_stack(columns)


def _peers(values: npt.NDArray[np.float64], classes: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return units × items × (median, P90 as a number) of each unit's class; NaN for small classes."""
    found = np.full((*values.shape, 2), np.nan)
    names = np.asarray(classes)
    for name in set(classes):
        where = np.flatnonzero(names == name)
        for column in range(values.shape[1]):
            v = values[where, column]
            v = v[~np.isnan(v)]
            if len(v) >= QUANTILE_MIN:
                found[where, column] = np.quantile(v, [0.5, 0.9])
    return found


def cap_words(capped_by: str, aspects: Mapping[str, str]) -> str:
    """Return why a grade was lowered: the weakest aspect's name, or the veto's indicator; empty when it was not.

    >>> cap_words("veto:C504", {}), cap_words("C5", {"C5": "纠 纠正过错"})
    ('否决 C504', '纠 纠正过错')
    """
    if capped_by.startswith("veto"):
        return f"否决 {capped_by.partition(':')[2]}".strip()
    return aspects.get(capped_by, capped_by)


def percentiles_of(values: Sequence[float], classes: Sequence[str]) -> list[float]:
    """Return mid-rank percentiles of one column within classes."""
    return [float(v) for v in percentiles(np.array(values, dtype=np.float64)[:, None], classes)[:, 0]]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a trial does to one unit (试算差异)."""

    unit: int
    score_before: float | None
    score_after: float | None
    rank_before: int
    rank_after: int
    grade_before: str
    grade_after: str
    tier_before: str
    tier_after: str

    @property
    def changed(self) -> bool:
        """Test whether anything published about the unit would change."""
        return (
            self.score_before != self.score_after
            or self.rank_before != self.rank_after
            or self.grade_before != self.grade_after
            or self.tier_before != self.tier_after
        )


@dataclass(frozen=True, slots=True)
class Revised:
    """A published figure and what the data of today say (修订): shown beside it, never put in its place."""

    unit: int
    code: str
    frozen: Figure
    fresh: Figure

    @property
    def moved(self) -> float | None:
        """Return by how much the value moved; None when one of the two has none."""
        if self.frozen.value is None or self.fresh.value is None:
            return None
        return self.fresh.value - self.frozen.value


def revised(
    frozen: Mapping[tuple[int, str], Figure], fresh: Mapping[tuple[int, str], Figure]
) -> list[Revised]:
    """Return what changed of frozen figures, in their order; what is not there any more is no revision."""
    return [
        Revised(unit, code, old, new)
        for (unit, code), old in frozen.items()
        if (new := fresh.get((unit, code))) is not None
        and (old.num, old.den, old.value) != (new.num, new.den, new.value)
    ]


def compare(before: Sequence[UnitScore], after: Sequence[UnitScore]) -> list[Moved]:
    """Return the difference unit by unit, in the order of `before`."""
    new = {s.unit: s for s in after}
    return [
        Moved(s.unit, s.total, n.total, s.rank, n.rank, s.grade, n.grade, s.tier, n.tier)
        for s in before
        if (n := new.get(s.unit)) is not None
    ]


def summary(moved: Sequence[Moved]) -> dict[str, Any]:
    """Return how much a trial changes: units, grades, ranks, and who crosses a line."""
    shifts = [abs(m.rank_after - m.rank_before) for m in moved if m.rank_before and m.rank_after]
    return {
        "units": len(moved),
        "changed": sum(m.changed for m in moved),
        "grades": sum(m.grade_before != m.grade_after for m in moved),
        "tiers": sum(m.tier_before != m.tier_after for m in moved),
        "mean_shift": round(sum(shifts) / len(shifts), 2) if shifts else 0.0,
        "max_shift": max(shifts, default=0),
    }


@dataclass(frozen=True, slots=True)
class Reached:
    """What one unit reached, as its people are told (单位结果)."""

    name: str
    total: float | None
    grade: str
    rank: int
    rank_low: int
    rank_high: int
    borderline: bool


def told(scheme: str, rows: Sequence[Reached], grades: Mapping[str, int]) -> tuple[str, str]:
    """Return title and text of the notice about one's own units (结果通知).

    >>> told("2025-06 县区局", [Reached("甲县", 79.8, "C", 12, 9, 15, True)], {"C": 1})
    ('2025-06 县区局：甲县 C 级', '得分 79.80，第 12 名（90% 区间 9–15），临界。')
    >>> told("2025-06 县区局", [], {"": 1, "B": 3, "A": 1})
    ('2025-06 县区局：所辖 5 个单位的结果已发布', 'A 级 1 个，B 级 3 个，不予评价 1 个。')
    """
    if len(rows) == 1 and rows[0].total is not None:
        one = rows[0]
        near = "，临界" if one.borderline else ""
        place = f"第 {one.rank} 名（90% 区间 {one.rank_low}–{one.rank_high}）"
        return f"{scheme}：{one.name} {one.grade} 级", f"得分 {one.total:.2f}，{place}{near}。"
    if len(rows) == 1:
        return f"{scheme}：{rows[0].name} 不予评价", "可用的指标不足，请查看缺失的数据。"
    words = [
        f"{g} 级 {n} 个" if g else f"不予评价 {n} 个"
        for g, n in sorted(grades.items(), key=lambda x: (not x[0], x[0]))
    ]
    return f"{scheme}：所辖 {sum(grades.values())} 个单位的结果已发布", "，".join(words) + "。"


def fingerprint(scores: Sequence[UnitScore]) -> str:
    """Return the hash of everything published about units: equal figures and versions, equal hash."""
    data = [
        [
            s.unit, s.total, s.grade, s.uncapped, s.capped_by, s.rank, s.rank_low, s.rank_high, s.borderline,
            s.peer_class, s.tier, {k: dict(v) for k, v in s.aspects.items()},
            [[p.code, p.figure.num, p.figure.den, p.figure.value, p.points, p.contribution] for p in s.parts],
            *([[dict(a) for a in s.adjustments]] if s.adjustments else []),
        ]
        for s in scores
    ]  # fmt: skip
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def overlaid(data: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    """Return a model with other weights (aspect or indicator code → weight); the rest of a level keeps its
    proportions so that the level still adds up to 100.

    Raises:
        BadInput: a code that the model does not have, or a weight outside 0 to 100.
    """
    tree = {
        a: {"w": p["w"], "items": {c: dict(i) for c, i in p["items"].items()}}
        for a, p in data["tree"].items()
    }
    known = set(tree) | {c for p in tree.values() for c in p["items"]}
    for code, weight in weights.items():
        if code not in known:
            raise BadInput(f"模型里没有「{code}」。", "请填写方面或指标的代码。")
        if not 0 < weight < 100:
            raise BadInput(f"「{code}」的权重 {weight:g} 应大于 0 小于 100。")
    _rescale(tree, {c: w for c, w in weights.items() if c in tree})
    for part in tree.values():
        _rescale(part["items"], {c: w for c, w in weights.items() if c in part["items"]})
    return {**data, "tree": tree}


def _rescale(level: dict[str, Any], wanted: Mapping[str, float]) -> None:
    rest = [c for c in level if c not in wanted]
    left = 100 - sum(wanted.values())
    if wanted and (left < 0 or (left > 0 and not rest) or (left == 0 and rest)):
        raise BadInput("调整后的权重合计不是 100。", "请为其余各项留出权重。")
    if not wanted:
        return
    old = sum(level[c]["w"] for c in rest)
    for code in level:
        level[code]["w"] = wanted[code] if code in wanted else level[code]["w"] * left / old
