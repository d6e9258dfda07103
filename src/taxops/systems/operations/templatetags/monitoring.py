"""Filters that monitoring's templates need: instants in milliseconds, pieces of a trace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from taxops.engines.base import CHINA, from_millis
from taxops.engines.checks import BandVerdict
from taxops.systems.operations.alerting.views.badges import ALERT_TONES
from taxops.systems.operations.alerting.words import AlertState
from taxops.web.kit import State, Tone

register = template.Library()

_BANDS = {"inside": Tone.GOOD, "high": Tone.WARNING, "low": Tone.WARNING, "no_history": Tone.UNKNOWN}


@register.filter
def millis(at_ms: int | None) -> str:
    """Return an instant in milliseconds as China time to the millisecond."""
    return "" if at_ms is None else exact(from_millis(at_ms))


@register.filter
def instant(at_ms: int | None) -> datetime | None:
    """Return milliseconds as an instant, for the filters of the kit."""
    return None if at_ms is None else from_millis(at_ms)


@register.filter
def band_state(verdict: str) -> State:
    """Return how a metric stands to its band, for `{% state %}` (基线结论)."""
    return State(BandVerdict.label_of(verdict), _BANDS[verdict])


@register.filter
def exact(instant: datetime | None) -> str:
    """Return an instant as China time to the millisecond."""
    return "" if instant is None else instant.astimezone(CHINA).strftime("%m-%d %H:%M:%S.%f")[:-3]


@register.filter
def spell(change: Any) -> float | None:
    """Return how long what ended had lasted, in seconds."""
    return None if change.start_ms is None else (change.at_ms - change.start_ms) / 1000


@register.filter
def pretty(step: Any) -> str:
    """Return a step of a trace as one line: `键 值，键 值`."""
    if not isinstance(step, dict):
        return str(step)
    return "，".join(f"{name} {value}" for name, value in step.items())


@register.filter
def alert_tone(state: str) -> str:
    """Return the tone of an alert's state."""
    return str(ALERT_TONES[AlertState(state)])
