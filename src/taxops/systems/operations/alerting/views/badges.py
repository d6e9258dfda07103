"""States of alerts as badges (告警徽标)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.systems.operations.alerting.words import AlertState, Outcome
from taxops.systems.operations.words import Severity
from taxops.web.kit import State, Tone

LIVE = "monitoring.changes"

SEVERITY_TONES: Mapping[str, Tone | str] = {
    Severity.CRITICAL: Tone.BAD,
    Severity.MAJOR: Tone.WARNING,
    Severity.MINOR: Tone.PLAIN,
}
ALERT_TONES: Mapping[str, Tone | str] = {
    AlertState.OPEN: Tone.BAD,
    AlertState.ACKNOWLEDGED: Tone.ACTIVE,
    AlertState.RESOLVED: Tone.GOOD,
}
OUTCOME_TONES = {Outcome.TOLD: Tone.GOOD, Outcome.NOBODY: Tone.WARNING, Outcome.FAILED: Tone.BAD}


def alert_state(alert: Any) -> State:
    """Return the badge of an alert."""
    return State(AlertState.label_of(alert.state), Tone(ALERT_TONES[AlertState(alert.state)]))


def severity(code: str) -> State:
    """Return the badge of a severity."""
    return State(Severity.label_of(code), Tone(SEVERITY_TONES[Severity(code)]))


def outcome(code: str) -> State:
    """Return the badge of what came of a receiver."""
    return State(Outcome.label_of(code), OUTCOME_TONES[Outcome(code)])


def unsaid(alert: Any) -> str:
    """Say why an alert is told to nobody, where that follows from what it is about (不通知的原因)."""
    if alert.quiet:
        return "维护期内"
    return "抖动" if alert.held else ""
