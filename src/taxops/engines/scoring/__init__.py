"""Scoring (评分): trees of weighted, normalised items to scores, grades and tiers, with robustness. Pure numpy."""

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
