"""Checks (检查): kinds, conditions, soft and hard states, outages, health trees, time slots."""

from .conditions import BadCondition, Condition, Finding, compile_condition
from .model import CheckSpec, Result, Verdict

__all__ = [
    "BadCondition",
    "CheckSpec",
    "Condition",
    "Finding",
    "Result",
    "Verdict",
    "compile_condition",
]
