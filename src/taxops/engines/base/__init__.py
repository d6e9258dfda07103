"""What every engine stands on: errors, coded choices, ids, money, periods, registries and scopes."""

from .cartograms import Place, cartogram, division, placed
from .choices import Choices
from .errors import (
    BadInput,
    Conflict,
    NotFound,
    NotPermitted,
    RowProblem,
    TaxopsError,
    TooLarge,
    Unavailable,
)
from .ids import new_id
from .later import later
from .money import fen_to_yuan, yuan_to_fen
from .periods import Interval, intersect, merge, subtract, total_seconds
from .registry import Registry
from .scope import Scope
from .times import CHINA, duration_words, from_millis, parse_instant, to_millis

__all__ = [
    "CHINA",
    "BadInput",
    "Choices",
    "Conflict",
    "Interval",
    "NotFound",
    "NotPermitted",
    "Place",
    "Registry",
    "RowProblem",
    "Scope",
    "TaxopsError",
    "TooLarge",
    "Unavailable",
    "cartogram",
    "division",
    "duration_words",
    "fen_to_yuan",
    "from_millis",
    "intersect",
    "later",
    "merge",
    "new_id",
    "parse_instant",
    "placed",
    "subtract",
    "to_millis",
    "total_seconds",
    "yuan_to_fen",
]
