"""Indicators (指标): definitions as data, compiled to queries, run incrementally, explained back to the records."""

from .definition import (
    Agg,
    Case,
    Definition,
    Direction,
    IndicatorKind,
    Measure,
    ParamValue,
    Subject,
    Unit,
)
from .language import FUNCTIONS, BadExpression
from .parsing import parse_definition, parse_definitions
from .period import Grain, Mode, Period

__all__ = [
    "FUNCTIONS",
    "Agg",
    "BadExpression",
    "Case",
    "Definition",
    "Direction",
    "Grain",
    "IndicatorKind",
    "Measure",
    "Mode",
    "ParamValue",
    "Period",
    "Subject",
    "Unit",
    "parse_definition",
    "parse_definitions",
]
