"""What rooms do when a case of theirs moves (事项挂钩): called inside the transaction of the step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from taxops.engines.base import Registry, Scope
from taxops.engines.cases import Event

from .models import Case

Effect = Callable[[Scope, Case, Event, datetime], None]
"""`(scope, case, event, now)`; raises a typed error to refuse the step."""

EFFECTS: Registry[Effect] = Registry("流转效果")


def on(name: str, effect: Effect) -> None:
    """Let `effect` run whenever a step whose type says `effect = name` is taken; it stands or falls with it."""
    EFFECTS.add(name, effect)


def run(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Run what belongs to an event, if anything does."""
    name = str(event.data.get("effect", "")) if event.kind == "move" else ""
    if name in EFFECTS:
        EFFECTS.get(name)(scope, case, event, now)
