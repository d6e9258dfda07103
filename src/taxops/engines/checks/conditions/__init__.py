"""The condition language (条件语言): `status == 200 and body.code == "0"`, read, compiled, explained."""

from .complaints import BadCondition
from .condition import Condition, compile_condition
from .explaining import Judgement
from .functions import CLOCK, FUNCTIONS
from .grammar import parse
from .render import render

__all__ = [
    "CLOCK",
    "FUNCTIONS",
    "BadCondition",
    "Condition",
    "Judgement",
    "compile_condition",
    "parse",
    "render",
]
