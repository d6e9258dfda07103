"""The expression language (表达式语言): text to a typed tree to ibis, once, with errors that point."""

from .checking import Names, check, reference
from .compiling import Row, compile_node
from .complaints import BadExpression
from .functions import FUNCTIONS, OVER_INDICATORS
from .grammar import parse
from .nodes import Call, Exists, Literal, Name, Node, Param, walk

__all__ = [
    "FUNCTIONS",
    "OVER_INDICATORS",
    "BadExpression",
    "Call",
    "Exists",
    "Literal",
    "Name",
    "Names",
    "Node",
    "Param",
    "Row",
    "check",
    "compile_node",
    "parse",
    "reference",
    "walk",
]
