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
from .library import Library, library_of, publish
from .model import Result, Run, SubjectKey
from .parsing import parse_definition, parse_definitions
from .passes import Work
from .period import Grain, Mode, Period
from .quality import Finding, State
from .rolling import Org, Tree, read_tree
from .running import run
from .states import FolderStates, MemoryStates, States

__all__ = [
    "FUNCTIONS",
    "Agg",
    "BadExpression",
    "Case",
    "Definition",
    "Direction",
    "Finding",
    "FolderStates",
    "Grain",
    "IndicatorKind",
    "Library",
    "Measure",
    "MemoryStates",
    "Mode",
    "Org",
    "ParamValue",
    "Period",
    "Result",
    "Run",
    "State",
    "States",
    "Subject",
    "SubjectKey",
    "Tree",
    "Unit",
    "Work",
    "library_of",
    "parse_definition",
    "parse_definitions",
    "publish",
    "read_tree",
    "run",
]
