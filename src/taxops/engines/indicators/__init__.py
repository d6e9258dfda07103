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
from .drilling import Drill, DrillColumn, drill, mask
from .explaining import Change, Explanation, explain
from .language import FUNCTIONS, BadExpression
from .library import Library, library_of, publish
from .lineage import Origin, lineage, users_of_column
from .model import Result, Run, SubjectKey
from .parsing import parse_definition, parse_definitions
from .passes import Work
from .period import Grain, Mode, Period
from .quality import Finding, State
from .revising import Revision, changed_inputs, revise
from .rolling import Org, Tree, read_tree
from .running import run
from .states import FolderStates, MemoryStates, States

__all__ = [
    "FUNCTIONS",
    "Agg",
    "BadExpression",
    "Case",
    "Change",
    "Definition",
    "Direction",
    "Drill",
    "DrillColumn",
    "Explanation",
    "Finding",
    "FolderStates",
    "Grain",
    "IndicatorKind",
    "Library",
    "Measure",
    "MemoryStates",
    "Mode",
    "Org",
    "Origin",
    "ParamValue",
    "Period",
    "Result",
    "Revision",
    "Run",
    "State",
    "States",
    "Subject",
    "SubjectKey",
    "Tree",
    "Unit",
    "Work",
    "changed_inputs",
    "drill",
    "explain",
    "library_of",
    "lineage",
    "mask",
    "parse_definition",
    "parse_definitions",
    "publish",
    "read_tree",
    "revise",
    "run",
    "users_of_column",
]
