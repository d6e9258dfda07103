"""One assigned check (受派检查) as the prober keeps it: definition, state, and the execution under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from taxops.engines.checks.model import CheckSpec
from taxops.engines.checks.schedule import SLOT_MS
from taxops.engines.checks.states import Tracker
from taxops.engines.checks.wire import Attempt

from .judge import Prepared


class Entry:
    """One assigned check with its execution under way, of which there is never more than one (受派检查)."""

    __slots__ = (
        "attempt",
        "began",
        "broken",
        "call",
        "cancelled",
        "due_ms",
        "interval_ms",
        "late_ms",
        "memory",
        "on_grid",
        "prepared",
        "soft",
        "spec",
        "tracker",
    )

    def __init__(
        self,
        spec: CheckSpec,
        tracker: Tracker,
        memory: dict[str, Any],
        begin: Callable[[Entry, Any], None],
    ) -> None:
        self.spec = spec
        self.call: tuple[Callable[[Any, Any], None], Any] = begin, self
        """What the loop calls when the check is due, and with whom."""
        self.prepared: Prepared | None = None
        self.broken = ""
        self.tracker = tracker
        self.memory = memory
        self.cancelled = False
        self.interval_ms = max(SLOT_MS, round(spec.interval_s * 1000))
        self.due_ms = 0
        self.on_grid = False
        self.soft = tracker.state.is_soft
        self.attempt: Attempt | None = None
        self.began = 0.0
        self.late_ms = 0.0
