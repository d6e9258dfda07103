"""Scoring (评分): trees of weighted, normalised items to scores, grades and tiers, with robustness. Pure numpy.

Works alone, without Django or a database; a missing value is None or NaN:

>>> from taxops.engines import scoring
>>> model = scoring.parse_model({
...     "model": "例", "version": 1,
...     "tree": {
...         "征": {"w": 60, "items": {
...             "C101": {"w": 70, "norm": {"goalposts": [0.90, 1.00]}},
...             "C107": {"w": 30, "norm": {"goalposts": [0.08, 0.01]}}}},
...         "服": {"w": 40, "items": {"C202": {"w": 100, "norm": {"goalposts": [30, 10]}}}}},
...     "missing": {"min_weight": 0.7, "action": "reweight"},
...     "caps": [{"weakest_aspect": 1}],
...     "grades": {"A": 90, "B": 80, "C": 70, "D": 60, "E": 0},
... })
>>> found = scoring.evaluate(model, [[0.97, 0.01, 14], [1.00, None, 24]])
>>> [round(float(total), 3) for total in found.totals], found.grades, found.capped_by
([79.4, 72.0], ('C', 'D'), ('', '服'))
"""

from .adjusting import Adjustment, Comparison, Condition, Veto, applied, vetoed
from .evaluation import Evaluation, evaluate
from .model import Band, Grade, Item, Missing, Model, Norm, parse_model
from .normalising import normalise
from .robustness import Robustness, robustness
from .tiers import Tier, difficulty_classes, percentiles, tier_of, tiers
from .weighting import AhpResult, ahp, critic_weights, entropy_weights

__all__ = [
    "Adjustment",
    "AhpResult",
    "Band",
    "Comparison",
    "Condition",
    "Evaluation",
    "Grade",
    "Item",
    "Missing",
    "Model",
    "Norm",
    "Robustness",
    "Tier",
    "Veto",
    "ahp",
    "applied",
    "critic_weights",
    "difficulty_classes",
    "entropy_weights",
    "evaluate",
    "normalise",
    "parse_model",
    "percentiles",
    "robustness",
    "tier_of",
    "tiers",
    "vetoed",
]
