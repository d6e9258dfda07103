"""Decisions of monitoring: pure functions of what is, what happened, and now."""

from .batches import LATE_MS, MAX_RESULTS, Batch, Row, parse_batch
from .codes import Columns, is_quiet, to_columns, to_state
from .forecasting import Stored, total
from .heartbeats import deadline_ms, schedule_of
from .rolling import Rolled, roll_metrics
from .shown import TONES, shown_of, system_shown
from .silence import silence_after_ms
from .slots import CELL_MS, CELLS_A_SLOT, SLOT_MS, cells_between, first_slot_kept, slot_of
from .spans import Difference, Span, difference
from .stretches import Line, Stretch, stretches
from .what_if import WhatIf, what_if

__all__ = [
    "CELLS_A_SLOT",
    "CELL_MS",
    "LATE_MS",
    "MAX_RESULTS",
    "SLOT_MS",
    "TONES",
    "Batch",
    "Columns",
    "Difference",
    "Line",
    "Rolled",
    "Row",
    "Span",
    "Stored",
    "Stretch",
    "WhatIf",
    "cells_between",
    "deadline_ms",
    "difference",
    "first_slot_kept",
    "is_quiet",
    "parse_batch",
    "roll_metrics",
    "schedule_of",
    "shown_of",
    "silence_after_ms",
    "slot_of",
    "stretches",
    "system_shown",
    "to_columns",
    "to_state",
    "total",
    "what_if",
]
