"""Decisions of the roster. Pure: instants are whole UTC seconds, days are China's, intervals half-open."""

from .coverage import Coverage, Gap, Need, Period, Requirement, coverage, needs
from .handing import Boundary, boundaries, handover_state
from .lengthening import LENGTHENED, Special, lengthened
from .parsing import parse_windows, windows_text
from .presence import Attendance, Sign, attendance, distance_m
from .spans import Override, Pattern, Span, duty_spans, on_duty_at
from .swapping import require_answerable, require_decidable, require_swappable

__all__ = [
    "LENGTHENED",
    "Attendance",
    "Boundary",
    "Coverage",
    "Gap",
    "Need",
    "Override",
    "Pattern",
    "Period",
    "Requirement",
    "Sign",
    "Span",
    "Special",
    "attendance",
    "boundaries",
    "coverage",
    "distance_m",
    "duty_spans",
    "handover_state",
    "lengthened",
    "needs",
    "on_duty_at",
    "parse_windows",
    "require_answerable",
    "require_decidable",
    "require_swappable",
    "windows_text",
]
