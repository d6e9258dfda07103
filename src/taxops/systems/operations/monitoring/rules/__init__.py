"""Decisions of monitoring: pure functions of what is, what happened, and now."""

from .batches import LATE_MS, MAX_RESULTS, Batch, Row, parse_batch
from .codes import Columns, is_quiet, to_columns, to_state
from .heartbeats import deadline_ms, schedule_of
from .shown import TONES, shown_of
from .silence import silence_after_ms
from .slots import SLOT_MS, retention_slots, slot_of, slots_between
from .spans import Difference, Span, difference
from .stretches import Line, Stretch, stretches

__all__ = [
    "LATE_MS",
    "MAX_RESULTS",
    "SLOT_MS",
    "TONES",
    "Batch",
    "Columns",
    "Difference",
    "Line",
    "Row",
    "Span",
    "Stretch",
    "deadline_ms",
    "difference",
    "is_quiet",
    "parse_batch",
    "retention_slots",
    "schedule_of",
    "shown_of",
    "silence_after_ms",
    "slot_of",
    "slots_between",
    "stretches",
    "to_columns",
    "to_state",
]
