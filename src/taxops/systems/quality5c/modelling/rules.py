"""Decisions about models (评价模型的判定): the shipped tree, weights by other methods, differences. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, later
from taxops.engines.indicators import Definition
from taxops.engines.scoring import AhpResult, Model, ahp, critic_weights, entropy_weights, parse_model

from .words import WeightMethod

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = later("numpy")

MAIN = {"C1": 30, "C2": 20, "C3": 20, "C4": 15, "C5": 15}
"""The five main aspects and their weights in percent: placeholders, to be set by the bureau (§2.5)."""
_RANGES = {"C303": (500_000, 100_000_000, 500_000), "C404": (0.002, 0.08, 0.002)}
"""Moderate ranges (a, b, δ) of indicators without a better direction; C303 in 分."""
_LEFT_OUT = {"C114"}


def shipped_model(definitions: Mapping[str, Definition]) -> dict[str, Any]:
    """Return the data form of the shipped model: all main indicators, goalposts from red line to goal."""
    tree: dict[str, Any] = {}
    for aspect, weight in MAIN.items():
        items = [d for d in definitions.values() if d.aspect == aspect and d.code not in _LEFT_OUT]
        each, rest = divmod(100, len(items))
        tree[aspect] = {
            "w": weight,
            "items": {
                d.code: {"w": each + (1 if n < rest else 0), "norm": normaliser(d)}
                for n, d in enumerate(items)
            },
        }
    return {
        "model": "5C 综合评价（省局）",
        "tree": tree,
        "missing": {"min_weight": 0.7},
        "caps": [{"weakest_aspect": 1}],
        "grades": {"A": 90, "B": 80, "C": 70, "D": 60, "E": 0},
    }


def normaliser(d: Definition) -> dict[str, list[float]]:
    """Return the normaliser that follows from a definition's targets: from the red line (or twice the way) to goal."""
    if d.code in _RANGES:
        return {"range": list(_RANGES[d.code])}
    goal = d.targets.get("goal", 1.0 if d.direction.value == "up" else 0.0)
    alert = d.targets.get("alert", goal - 0.1 if d.direction.value == "up" else goal + 0.1)
    worst = d.targets.get("red", alert - (goal - alert))
    return {"goalposts": [round(worst, 6), goal]}


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One item's weights by every method, side by side (权重对照), in percent of its aspect."""

    code: str
    manual: float
    entropy: float | None
    critic: float | None

    def by(self, method: WeightMethod) -> float | None:
        """Return the weight by a method; None where there were no points to compute it from."""
        return self.entropy if method is WeightMethod.ENTROPY else self.critic


def weight_table(model: Model, points: npt.NDArray[np.float64]) -> dict[str, list[WeightRow]]:
    """Return manual, entropy and CRITIC weights per aspect; the latter from units without a missing item."""
    found: dict[str, list[WeightRow]] = {}
    for aspect in model.aspects:
        where = model.of(aspect)
        part = points[:, where] if points.size else np.zeros((0, len(where)))
        used = ~np.isnan(part).all(axis=0) if len(part) else np.zeros(len(where), dtype=bool)
        whole = part[:, used][~np.isnan(part[:, used]).any(axis=1)] if len(part) else part
        objective = [
            (entropy_weights(whole), critic_weights(whole)) if len(whole) > 1 and used.any() else None
        ][0]
        place = {n: k for k, n in enumerate(np.flatnonzero(used).tolist())}
        rows = []
        for n, item in enumerate(where):
            known = objective is not None and n in place
            rows.append(WeightRow(
                model.items[item].code, model.items[item].weight,
                float(objective[0][place[n]]) if known and objective else None,
                float(objective[1][place[n]]) if known and objective else None,
            ))  # fmt: skip
        found[aspect] = rows
    return found


def ahp_of(text: str, names: Sequence[str]) -> AhpResult:
    """Return AHP weights of a pairwise matrix typed as rows; fractions such as 1/3 are understood.

    Raises:
        BadInput: a cell that is no number, a matrix that is none or not of the names' size, or one that
            contradicts itself (一致性比率不小于 0.1).
    """
    rows = [
        line.replace("，", " ").replace(",", " ").split()
        for line in text.strip().splitlines()
        if line.strip()
    ]
    cells = [[_cell(c, r + 1, k + 1) for k, c in enumerate(row)] for r, row in enumerate(rows)]
    if len(cells) != len(names) or any(len(row) != len(names) for row in cells):
        raise BadInput(
            f"判断矩阵应是 {len(names)} 行 {len(names)} 列，依次对应 {'、'.join(names)}。", field="matrix"
        )
    result = ahp(np.array(cells))
    if not result.is_consistent:
        row, column = result.worst
        raise BadInput(
            f"判断矩阵的一致性比率为 {result.ratio:.3f}，不小于 0.1，不能采用。",
            f"最不相符的是「{names[row]}」与「{names[column]}」的比较，请重新判断。",
            field="matrix",
        )
    return result


def _cell(text: str, row: int, column: int) -> float:
    top, slash, bottom = text.partition("/")
    try:
        return float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError):
        raise BadInput(
            f"判断矩阵第 {row} 行第 {column} 列「{text}」不是数。", "可写 3 或 1/3。", field="matrix"
        ) from None


def checked(data: Mapping[str, Any], known: Mapping[str, object]) -> Model:
    """Return the parsed model when all its indicators exist.

    Raises:
        BadInput: weights do not add up to 100 at a level, an unknown indicator, a normaliser that cannot be.
    """
    model = parse_model(data)
    strange = [code for code in codes_of(data) if code not in known]
    if strange:
        raise BadInput(
            f"模型引用了没有启用的指标：{'、'.join(strange)}。", "请先启用这些指标，或从模型中移除。"
        )
    return model


@dataclass(frozen=True, slots=True)
class Spread:
    """How an indicator's values of the units lie (取值分布): 5 % and 95 % points of `n` values, and its direction."""

    low: float
    high: float
    n: int
    direction: str


def goalposts_of(spread: Spread) -> list[float]:
    """Return goalposts from worst to best by percentile (按分位的门柱).

    >>> goalposts_of(Spread(0.9, 0.99, 60, "up")), goalposts_of(Spread(5, 30, 60, "down"))
    ([0.9, 0.99], [30, 5])
    """
    return [spread.high, spread.low] if spread.direction == "down" else [spread.low, spread.high]


def rescaled(level: Mapping[str, Any], kept: set[str]) -> dict[str, Any]:
    """Return a level whose weights add up to 100: what is kept stays, the rest shares what is left in proportion.

    Raises:
        BadInput: nothing is left over for the rest, or there is no rest.
    """
    total = sum(item["w"] for item in level.values())
    if abs(total - 100) < 1e-9 or not level:
        return dict(level)
    rest = [k for k in level if k not in kept]
    left = 100 - sum(level[k]["w"] for k in level if k in kept)
    old = sum(level[k]["w"] for k in rest)
    if not rest or left <= 0 or old <= 0:
        raise BadInput(
            f"权重合计为 {total:g}，剩下的各项没有可分摊的权重。", "请改动填写的权重，使合计为 100。"
        )
    found = {k: {**v, "w": v["w"] if k in kept else round(v["w"] * left / old, 2)} for k, v in level.items()}
    short = round(100 - sum(v["w"] for v in found.values()), 6)
    last = max(rest, key=lambda k: found[k]["w"])
    found[last] = {**found[last], "w": round(found[last]["w"] + short, 6)}
    return found


LEAST = 0.01
"""The least weight of an item that is in a model, in percent; one without any belongs out of it."""


def with_weights(
    data: Mapping[str, Any],
    table: Mapping[str, Sequence[WeightRow]],
    method: WeightMethod,
    aspects: Collection[str],
) -> dict[str, Any]:
    """Return a model's content with computed weights in these aspects (采用客观权重); the rest stays as it is.

    Items without a computed weight keep their own, the others share what is left; a level adds up to 100 exactly.
    """
    tree = {a: {**part, "items": dict(part["items"])} for a, part in data["tree"].items()}
    for aspect in aspects:
        items = tree.get(aspect, {}).get("items", {})
        known = {
            r.code: w for r in table.get(aspect, ()) if (w := r.by(method)) is not None and r.code in items
        }
        left = 100 - sum(item["w"] for code, item in items.items() if code not in known)
        total = sum(known.values())
        if len(known) < 2 or total <= 0 or left <= 0:
            continue
        found = {code: max(LEAST, round(w / total * left, 2)) for code, w in known.items()}
        largest = max(found, key=lambda code: found[code])
        found[largest] = round(found[largest] + left - sum(found.values()), 6)
        for code, weight in found.items():
            items[code] = {**items[code], "w": weight}
    return {**data, "tree": tree}


def percent(weights: Sequence[float]) -> list[float]:
    """Return weights with two digits that add up to 100 exactly; the largest takes what rounding leaves."""
    found = [round(float(w), 2) for w in weights]
    largest = found.index(max(found))
    found[largest] = round(found[largest] + 100 - sum(found), 2)
    return found


def codes_of(data: Mapping[str, Any]) -> list[str]:
    """Return the codes of a model's indicators, each once: those of the tree in order, then what else is watched."""
    tree = [code for part in data["tree"].values() for code in part["items"]]
    vetoes = [c["veto"]["code"] for c in data.get("caps") or () if "veto" in c]
    return list(dict.fromkeys([*tree, *vetoes, *(a["code"] for a in data.get("adjust") or ())]))
