"""All models of quality5c (征管质量5C), room by room, as Django wants them in one place."""

from .definitions.models import DataProblem, Indicator, IndicatorResult, IndicatorVersion
from .evaluation.models import Detail, Scheme, Score, Trial
from .external.models import ExternalBatch, ExternalValue
from .modelling.models import EvaluationModel, ModelVersion, SchemeTemplate
from .proposals.models import Proposal
from .recounts.models import Recount
from .revisions.models import FigureRevision
from .signals.models import Signal, SignalRule
from .timing.models import TimedRun

__all__ = [
    "DataProblem",
    "Detail",
    "EvaluationModel",
    "ExternalBatch",
    "ExternalValue",
    "FigureRevision",
    "Indicator",
    "IndicatorResult",
    "IndicatorVersion",
    "ModelVersion",
    "Proposal",
    "Recount",
    "Scheme",
    "SchemeTemplate",
    "Score",
    "Signal",
    "SignalRule",
    "TimedRun",
    "Trial",
]
